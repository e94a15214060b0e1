from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from monai_seg.check.case import CaseList, CheckedCase
from monai_seg.check.image_facts import ImageFacts
from monai_seg.check.mask_facts import MaskFacts
from monai_seg.check.scan import CaseFacts
from monai_seg.check.sizes import check_sizes

THUMB = np.zeros((32, 32), np.uint8)
Size = tuple[int, int]


def check(*sizes: tuple[Size, Size]) -> tuple[list[str], str | None]:
    cases = tuple(CheckedCase(f"{number}.png", f"/{number}.png", f"/m{number}.png") for number in range(len(sizes)))
    facts = [CaseFacts(ImageFacts("PNG", "L", 8, image, "", THUMB, False, False), MaskFacts("file", (), mask))
             for image, mask in sizes]
    findings, resize = check_sizes(CaseList(Path("/set"), "pairs", cases), facts)
    return [finding.kind for finding in findings], resize


@pytest.mark.parametrize(("sizes", "kinds", "resize"), [
    ([((9, 9), (9, 9)), ((4, 6), (4, 6))], [], None),
    ([((9, 9), (9, 9)), ((4, 6), (6, 4))], ["mask transposed"], None),
    ([((9, 9), (9, 9)), ((8, 8), (4, 4))], ["size mismatch"], None),
    ([((8, 8), (4, 4))] * 9 + [((9, 9), (9, 9))], ["masks resized"], "nearest"),
    ([((299, 299), (256, 256))] * 10 + [((4, 6), (6, 4))], ["masks resized", "mask transposed"], "nearest"),
    ([((8, 16), (8, 12))] * 3, ["size mismatch"] * 3, None),  # another aspect: cut, not resized
])  # fmt: skip
def test_a_rule_is_told_from_accidents(sizes: list[tuple[Size, Size]], kinds: list[str], resize: str | None) -> None:
    assert check(*sizes) == (kinds, resize)
