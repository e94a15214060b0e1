"""Tissue sections: two folders of equal names, RGBA images and palette masks; nothing is rewritten.

    images/slide_003_tile_07.png     masks/slide_003_tile_07.png

Tiles of one slide share its stain and its patient, so a slide is a group. Names tell it where they end in a tile's
number (`SLIDE`); an image with another name is a group by itself.
"""

from __future__ import annotations

from pathlib import Path

from monai_seg.data.pairs import IMAGE_FOLDERS, MASK_FOLDERS, picture_files
from monai_seg.errors import InputError
from monai_seg.prepare.finish import Dealing, finish
from monai_seg.prepare.groups import Groups, group_entry
from monai_seg.prepare.orphans import by_stem, match_names, orphans_in_words
from monai_seg.prepare.place import place_cases

BY = "prepare_tissue"
SLIDE = r"^(.+?)[_-]?(?:tile|patch)[_-]?\d+$"


def prepare_tissue(
    raw: Path,
    out: Path | None = None,
    *,
    groups: Groups | None = None,
    dealing: Dealing | None = None,
    leave_out_orphans: bool = False,
) -> str:
    """Prepare the data set and return the report.

    Args:
        raw: the folder that holds both folders.
        out: where to copy both; None to leave the files where they are and write only the list, into ``raw``.
        groups: the slide of each image; None to read it from the name.
        dealing: seed, shares and folds.
        leave_out_orphans: go on without images that have no mask, and masks that have no image.

    Raises:
        InputError: another layout; orphans; a bad file; files of others are in the way.
    """
    images, masks = by_stem(_pictures(raw, IMAGE_FOLDERS)), by_stem(_pictures(raw, MASK_FOLDERS))
    names = match_names(raw, images, {"mask": masks}, leave_out_orphans)
    slides = (groups or Groups(regex=SLIDE, must_match=False)).of(names)
    cases = [{"image": images[name], "label": masks[name], **group_entry(slides, name)} for name in names]
    folder, placed = place_cases(raw, out, BY, cases)
    left_out = orphans_in_words(images, {"mask": masks})
    notes = [f"note: left out {left_out}"] if left_out else []
    if len(slides) < len(names):
        notes.append(f"note: the names of {len(names) - len(slides):,} images tell no slide, so tiles of one slide can "
                     "fall into two splits (give --groups or --group-regex)")
    return finish(folder, BY, placed, dealing or Dealing(), (), notes)


def _pictures(raw: Path, names: tuple[str, ...]) -> list[Path]:
    folder = next((raw / name for name in names if (raw / name).is_dir()), None)
    if folder is None:
        raise InputError(raw.absolute(), f"no folder {', '.join(names)} in it", "name the folder of the data set")
    return picture_files(folder)
