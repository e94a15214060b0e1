"""The cases of a folder without list, paired by name, orphans included."""

from __future__ import annotations

from pathlib import Path

from monai_seg.check.case import CaseList, CheckedCase
from monai_seg.check.finding import from_error
from monai_seg.data.datalist import split_cases
from monai_seg.data.pairs import match_pairs


def pair_cases(folder: Path) -> CaseList:
    """Return the cases of ``folder`` as training pairs and splits them, and what pairs with nothing.

    Raises:
        InputError: no images or no masks.
    """
    folder = folder.absolute()
    pairs, faults = match_pairs(folder)
    dealt = split_cases([{"image": str(image)} for image, _ in pairs if image is not None])
    split_of = {case["image"]: split for split, cases in dealt.items() for case in cases}
    cases = tuple(
        CheckedCase(Path(image or label or "").relative_to(folder).as_posix(), None if image is None else str(image),
                    None if label is None else str(label), split_of.get(str(image), "training"))
        for image, label in pairs
    )
    return CaseList(folder, "pairs by name", cases,
                    tuple(from_error(fault.kind, fault.error, fault.cases) for fault in faults))
