"""Masks of another size than their image: transposed, from another export, or all of them smaller by one rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from monai_seg.check.case import CaseList
from monai_seg.check.finding import ERROR, WARNING, Finding
from monai_seg.check.scan import CaseFacts

MOST = 0.9  # from this share of masks on, another size is the data set's rule and not an accident
ASPECT_TOLERANCE = 0.02


def check_sizes(cases: CaseList, facts: Sequence[CaseFacts]) -> tuple[list[Finding], str | None]:
    """Return the findings, and "nearest" where `mask_resize` should be that, else None."""
    sizes = {number: (fact.image.size, fact.mask.size) for number, fact in enumerate(facts)
             if fact.image is not None and fact.mask is not None and fact.mask.size is not None}
    other = [number for number, (image, mask) in sizes.items() if image != mask]
    scaled = [number for number in other if _same_aspect(*sizes[number])]
    if scaled and len(scaled) >= MOST * len(sizes):
        image, mask = sizes[scaled[0]]
        findings = [Finding(WARNING, "masks resized", str(cases.folder), f"{len(scaled)} of {len(sizes)} masks are of "
                            f"another size than their image, say (H, W) {mask} for {image}",
                            "declare mask_resize: nearest", tuple(scaled[:1]))]
        other, resize = [number for number in other if number not in set(scaled)], "nearest"
    else:
        findings, resize = [], None
    for number in other:
        findings.append(_finding(cases, number, *sizes[number]))
    return findings, resize


def _finding(cases: CaseList, number: int, image: tuple[int, int], mask: tuple[int, int]) -> Finding:
    case = cases.cases[number]
    is_transposed = mask == image[::-1]
    where = case.label if isinstance(case.label, str) else str((case.label or ("",))[0])
    return Finding(
        ERROR, "mask transposed" if is_transposed else "size mismatch", where,
        f"mask is (H, W) {mask}, image is (H, W) {image} ({Path(str(case.image)).name})"
        f"{': transposed' if is_transposed else ''}",
        "re-export the mask rows first" if is_transposed else "re-export the mask, or declare mask_resize: nearest",
        (number,),
    )


def _same_aspect(image: tuple[int, int], mask: tuple[int, int]) -> bool:
    height, width = mask[0] / image[0], mask[1] / image[1]
    return abs(height / width - 1) <= ASPECT_TOLERANCE and image != mask
