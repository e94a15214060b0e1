"""ISIC skin lesions (2016 to 2018, the segmentation task); nothing is rewritten.

Layouts, also where archives wrap a folder around them; other files, such as ``_superpixels.png``, are left alone:

    ISIC-2017_Training_Data/ISIC_0000000.jpg         ISIC-2017_Training_Part1_GroundTruth/ISIC_0000000_segmentation.png
    ISIC2018_Task1-2_Training_Input/ISIC_….jpg       ISIC2018_Task1_Training_GroundTruth/ISIC_…_segmentation.png

Where the folders of more than one split lie there (``Training``, ``Validation``, ``Test`` in their names), the splits
are those published; of one alone, the cases are dealt.

Source:
    https://challenge.isic-archive.com/data/
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from monai_seg.data.pairs import picture_files
from monai_seg.data.splits import SPLITS
from monai_seg.errors import InputError
from monai_seg.prepare.finish import Dealing, finish
from monai_seg.prepare.groups import Groups, group_entry
from monai_seg.prepare.orphans import by_stem, match_names, orphans_in_words
from monai_seg.prepare.place import place_cases

BY = "prepare_isic"
MASK_ENDING, STRAY_ENDING = "_segmentation", "_superpixels"
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png")


def prepare_isic(
    raw: Path,
    out: Path | None = None,
    *,
    groups: Groups | None = None,
    dealing: Dealing | None = None,
    leave_out_orphans: bool = False,
) -> str:
    """Prepare the data set and return the report.

    Args:
        raw: the folder that holds both the folder of images and the folder of masks.
        out: where to copy both; None to leave the files where they are and write only the list, into ``raw``.
        groups: the patient of each image, where you know it; images are named as ``ISIC_0000000``.
        dealing: seed, shares (not used for published splits) and folds.
        leave_out_orphans: go on without images that have no mask, and masks that have no image.

    Raises:
        InputError: another layout; orphans; a bad file; files of others are in the way.
    """
    images, masks = find_isic(raw)
    names = match_names(raw, images, {"mask": masks}, leave_out_orphans)
    found = groups.of(names) if groups else {}
    cases = [{"image": images[name], "label": masks[name], **group_entry(found, name)} for name in names]
    folder, placed = place_cases(raw, out, BY, cases)
    left_out = orphans_in_words(images, {"mask": masks})
    published = [published_split(images[name].relative_to(raw)) for name in names]
    dealt = placed if len(set(published)) == 1 else {
        split: [case for case, where in zip(placed, published, strict=True) if where == split] for split in SPLITS}
    return finish(folder, BY, dealt, dealing or Dealing(), (),
                  [f"note: left out {left_out}"] if left_out else [])


def find_isic(raw: Path) -> tuple[dict[str, Path], dict[str, Path]]:
    """Return the images and the masks below ``raw``, each by the image's name.

    Raises:
        InputError: no such folder, or two files of one name.
    """
    if not raw.is_dir():
        raise InputError(raw.absolute(), "no such folder", "name the folder of the data set")
    files = [path for path in picture_files(raw) if path.name.upper().startswith("ISIC_")]
    masks = by_stem((path for path in files if "groundtruth" in _folders(path, raw)), MASK_ENDING)
    images = by_stem(path for path in files if "groundtruth" not in _folders(path, raw)
                     and path.suffix.lower() in IMAGE_SUFFIXES and not path.stem.endswith((STRAY_ENDING, MASK_ENDING)))
    if not images or not masks:
        raise InputError(raw.absolute(), f"found {len(images)} images and {len(masks)} masks of ISIC",
                         "name the folder that holds ISIC-2017_Training_Data/ and "
                         "ISIC-2017_Training_Part1_GroundTruth/, or those of another year")
    return images, masks


def published_split(image: Path) -> str:
    """Return the split that the folders of ``image`` name; training if they name none."""
    words = _words(image.parent.parts)
    return next((split for split in ("test", "validation") if split in words), "training")


def _folders(path: Path, raw: Path) -> str:
    return "".join(path.relative_to(raw).parts[:-1]).replace("_", "").lower()


def _words(parts: Iterable[str]) -> list[str]:
    return "_".join(parts).replace("-", "_").lower().split("_")
