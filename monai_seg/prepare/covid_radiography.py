"""COVID-19 Radiography Database: the class is the folder, the mask is the lungs; nothing is rewritten.

Layout, also where archives wrap a folder around it:

    {COVID,Lung_Opacity,Normal,Viral Pneumonia}/{images,masks}/COVID-1.png

Images are 299 x 299, masks 256 x 256 (RGB, 0 and 255). They are used as they are: the bundle declares that masks are
resized to their image by the nearest pixel (``"mask_resize": "nearest"``). ``class`` is the place of the folder in
`CLASS_NAMES`, which is in alphabetical order. Patients are not published, so each image is a group by itself.

Source:
    Rahman et al. 2021, https://www.kaggle.com/datasets/tawsifurrahman/covid19-radiography-database
"""

from __future__ import annotations

from pathlib import Path

from monai_seg.data.pairs import picture_files
from monai_seg.prepare.find_layout import find_layout
from monai_seg.prepare.finish import Dealing, finish
from monai_seg.prepare.groups import Groups, group_entry
from monai_seg.prepare.orphans import match_names, orphans_in_words
from monai_seg.prepare.place import place_cases

BY = "prepare_covid_radiography"
CLASS_NAMES = ("COVID", "Lung_Opacity", "Normal", "Viral Pneumonia")


def prepare_covid_radiography(
    raw: Path,
    out: Path | None = None,
    *,
    groups: Groups | None = None,
    dealing: Dealing | None = None,
    leave_out_orphans: bool = False,
) -> str:
    """Prepare the data set and return the report.

    Args:
        raw: its folder.
        out: where to copy it; None to leave the files where they are and write only the list, into ``raw``.
        groups: the patient of each image, where you know it; images are named as ``COVID-1``.
        dealing: seed, shares and folds.
        leave_out_orphans: go on without images that have no mask, and masks that have no image.

    Raises:
        InputError: another layout; orphans; a bad file; files of others are in the way.
    """
    base = find_layout(raw, "COVID/masks", f"{', '.join(CLASS_NAMES)}, each with images/ and masks/")
    images, masks = _find(base, "images"), _find(base, "masks")
    names = match_names(base, images, {"mask": masks}, leave_out_orphans)
    found = groups.of([name.split("/")[1] for name in names]) if groups else {}
    cases = [{"image": images[name], "label": masks[name], "class": CLASS_NAMES.index(name.split("/")[0]),
              **group_entry(found, name.split("/")[1])} for name in names]
    folder, placed = place_cases(raw, out, BY, cases, same_size=False)
    left_out = orphans_in_words(images, {"mask": masks})
    return finish(folder, BY, placed, dealing or Dealing(), CLASS_NAMES,
                  [f"note: left out {left_out}"] if left_out else [])


def _find(base: Path, part: str) -> dict[str, Path]:
    """Return ``<class>/<name>`` -> file."""
    return {f"{kind}/{path.stem}": path for kind in CLASS_NAMES for path in picture_files(base / kind / part)}
