from __future__ import annotations

import logging
from typing import Any

import pytest
import torch

from monai_seg.data.case_dataset import CaseDataset
from monai_seg.data.loader import fill
from monai_seg.errors import InputError


def decode(case: dict[str, Any]) -> dict[str, torch.Tensor]:
    """An image of noise from the seed ``case["image"][0]``, or of one level where that is 0."""
    seed = int(case["image"][0])
    image = torch.randint(0, 256, (1, 8, 9), dtype=torch.uint8, generator=torch.Generator().manual_seed(seed))
    label = torch.full((1, 8, 9), case["label"], dtype=torch.uint8)
    return {"image": image if seed else torch.full_like(image, 7), "label": label}


def dataset(*images: str, label: int = 1, cache_mb: float = 1) -> CaseDataset:
    return CaseDataset([{"image": image, "label": label} for image in images], decode, cache_mb=cache_mb)


@pytest.mark.parametrize("cache_mb", [0, 1])
def test_an_image_in_two_splits_is_told_in_one_line(caplog: pytest.LogCaptureFixture, cache_mb: float) -> None:
    with caplog.at_level(logging.WARNING):
        fill([dataset("1.png", "2.png", "3.png", cache_mb=cache_mb), dataset("4.png", "2b.png", "3b.png")])
    (line,) = caplog.messages
    assert line == ("warning: 2b.png shows the same as 2.png, which is in another split (1 more like it), so scores "
                    "will flatter; keep one of them, or run check-data for all")


def test_copies_within_a_split_and_blank_images_are_not_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        fill([dataset("0.png", "1.png", "1b.png"), dataset("0b.png", "2.png")])
    assert caplog.messages == []


def test_masks_that_are_all_empty_are_refused() -> None:
    fill([dataset("1.png", "2.png", label=1), dataset("3.png", label=0)])
    with pytest.raises(InputError, match="mask_encoding: all 3 masks are empty; look whether these are the masks"):
        fill([dataset("1.png", "2.png", label=0), dataset("3.png", label=0)])


def test_cases_without_label_are_refused_before_anything_is_decoded() -> None:
    lacking = dataset("1.png", "2.png", "3.png")
    del lacking.data[1]["label"], lacking.data[2]["label"]
    with pytest.raises(InputError, match=r"^2\.png: image without mask \(its case has no label\), as 1 more; add"):
        fill([lacking])
    assert not lacking._kept


def test_a_classifier_s_cases_need_no_label() -> None:
    data = [{"image": torch.full((1, 2, 2), number), "class": 0} for number in range(3)]
    dataset = CaseDataset([{"image": f"{number}.png", "class": 0} for number in range(3)],
                          lambda case: data[int(case["image"][0])], keys=["image", "class"])
    fill([dataset])  # neither a missing label nor "all masks are empty"
    assert dataset[1]["class"].item() == 0
    assert set(dataset[1]) == {"image", "class", "index", "seed"}
