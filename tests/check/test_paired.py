from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monai_seg.check.paired import pair_cases
from monai_seg.data.pairs import find_pairs
from monai_seg.errors import InputError

PIXEL = np.zeros((2, 2), np.uint8)
LAYOUTS = [
    ["images/a.png", "masks/a.png", "images/b.png", "masks/b_mask.png"],
    ["png_images/x/a.png", "png_masks/x/a_segmentation.png"],
    ["a.png", "a_mask.png", "b.jpg", "b_label.png", "sub/c.png", "sub/c-mask.png"],
]


@pytest.mark.parametrize("files", LAYOUTS)
def test_pairs_are_those_of_training(files: list[str], save: Callable[..., Path], tmp_path: Path) -> None:
    for file in files:
        save(file, PIXEL)
    found = pair_cases(tmp_path / "set")
    assert found.findings == ()
    assert [{"image": case.image, "label": case.label} for case in found.cases] == find_pairs(tmp_path / "set")


def test_all_orphans_are_found_at_once(pairs: Callable[..., Path]) -> None:
    changes = {"images/c1.png": None, "images/c2.png": None, "masks/c3.png": None, "masks/c0_mask.png": PIXEL}
    found = pair_cases(pairs(6, changes))
    kinds = Counter(finding.kind for finding in found.findings)
    assert kinds == {"mask without image": 2, "image without mask": 1, "two masks for one image": 1}
    for finding in found.findings:
        assert Path(finding.where).stem in found.cases[finding.cases[0]].name


def test_two_images_of_one_name_are_found(pairs: Callable[..., Path]) -> None:
    found = pair_cases(pairs(2, {"images/c0.jpg": PIXEL}))
    assert [finding.kind for finding in found.findings] == ["two images for one mask"]


def test_masks_in_folders_are_paired(save: Callable[..., Path], tmp_path: Path) -> None:
    for file in ("images/a.png", "images/b.png", "images/c.png", "masks/a/1.png", "masks/b/1.png", "masks/b/2.png",
                 "masks/d/1.png"):  # fmt: skip
        save(file, PIXEL)
    found = pair_cases(tmp_path / "set")
    assert Counter(finding.kind for finding in found.findings) == {
        "image without mask": 1, "mask without image": 1}
    assert [case.label for case in found.cases[:3]] == [str(tmp_path / "set/masks/a"), str(tmp_path / "set/masks/b"),
                                                        None]


def test_a_folder_without_pairs_ends_the_check(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 images and 0 masks"):
        pair_cases(tmp_path)
