"""COVID-QU-Ex, the part with infection masks: three classes of pixels, splits as published; nothing is rewritten.

Layout, also where archives wrap folders around it (as in ``Infection Segmentation Data/Infection Segmentation Data``):

    {Train,Val,Test}/{COVID-19,Non-COVID,Normal}/{images,lung masks,infection masks}/<name>.png

A case's ``label`` is the list [lung mask, infection mask], which the encoding `ENCODING` reads as class ids:
0 background, 1 lung, 2 infection (which lies on top). ``class`` is the place of the folder in `CLASS_NAMES`.

Source:
    Tahir et al. 2021, https://www.kaggle.com/datasets/anasmohammedtahir/covidqu
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

from monai_seg.data.pairs import picture_files
from monai_seg.prepare.find_layout import find_layout
from monai_seg.prepare.finish import Dealing, finish
from monai_seg.prepare.orphans import match_names, orphans_in_words
from monai_seg.prepare.place import place_cases

BY = "prepare_covid_qu_ex"
ENCODING = MappingProxyType({"kind": "files", "per": "class", "classes": 3})
PUBLISHED = MappingProxyType({"Train": "training", "Val": "validation", "Test": "test"})
CLASS_NAMES = ("COVID-19", "Non-COVID", "Normal")
PARTS = ("images", "lung masks", "infection masks")
KINDS = ("lung mask", "infection mask")


def prepare_covid_qu_ex(
    raw: Path, out: Path | None = None, *, folds: int | None = None, leave_out_orphans: bool = False
) -> str:
    """Prepare the data set and return the report.

    Args:
        raw: its folder.
        out: where to copy it; None to leave the files where they are and write only the list, into ``raw``.
        folds: number the cases of training and validation 0..folds-1.
        leave_out_orphans: go on without what lacks its image or one of its masks.

    Raises:
        InputError: another layout; orphans; a bad file; files of others are in the way.
    """
    base = find_layout(raw, "Train/COVID-19/infection masks",
                       "Train/COVID-19/ with images/, lung masks/ and infection masks/")
    images, lungs, infections = (_find(base, part) for part in PARTS)
    others = dict(zip(KINDS, (lungs, infections), strict=True))
    names = match_names(base, images, others, leave_out_orphans)
    cases = [{"image": images[name], "label": [lungs[name], infections[name]],
              "class": CLASS_NAMES.index(name.split("/")[1])} for name in names]
    folder, placed = place_cases(raw, out, BY, cases)
    splits: dict[str, list] = {split: [] for split in PUBLISHED.values()}
    for name, case in zip(names, placed, strict=True):
        splits[PUBLISHED[name.split("/")[0]]].append(case)
    left_out = orphans_in_words(images, others)
    return finish(folder, BY, splits, Dealing(folds=folds), CLASS_NAMES,
                  [f"note: left out {left_out}"] if left_out else [])


def _find(base: Path, part: str) -> dict[str, Path]:
    """Return ``<split>/<class>/<name>`` -> file."""
    return {f"{split}/{kind}/{path.stem}": path for split in PUBLISHED for kind in CLASS_NAMES
            for path in picture_files(base / split / kind / part)}
