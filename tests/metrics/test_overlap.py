from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from monai_seg.metrics.overlap import overlap_scores, summarise


def mask(*rows: str) -> Tensor:
    return torch.tensor([[int(pixel) for pixel in row] for row in rows])[None]


EMPTY, SOME, OTHER, MORE = mask("000", "000"), mask("110", "100"), mask("001", "000"), mask("010", "111")
CASES = {  # prediction, truth -> dice, iou, precision, recall; SOME has 3 pixels, MORE 4, they share 2
    "both empty": (EMPTY, EMPTY, 1, 1, None, None),
    "false alarm": (SOME, EMPTY, 0, 0, 0, None),
    "miss": (EMPTY, SOME, 0, 0, None, 0),
    "perfect": (SOME, SOME, 1, 1, 1, 1),
    "part": (MORE, SOME, 2 * 2 / (4 + 3), 2 / (4 + 3 - 2), 2 / 4, 2 / 3),
    "beside": (OTHER, SOME, 0, 0, 0, 0),
}


@pytest.mark.parametrize("name", CASES)
def test_scores_by_hand(name: str) -> None:
    pred, label, *expected = CASES[name]
    scores = overlap_scores(pred, label)
    for score, value in zip(("dice", "iou", "precision", "recall"), expected, strict=True):
        assert scores[score] == pytest.approx(math.nan if value is None else value, nan_ok=True), score
    assert (scores["pred_area_px"], scores["label_area_px"]) == (int(pred.sum()), int(label.sum()))


def test_any_class_above_0_is_foreground() -> None:
    assert overlap_scores(2.0 * SOME.float(), 3 * SOME) == overlap_scores(SOME, SOME)


@pytest.mark.parametrize("seed", range(5))
def test_dice_and_iou_belong_together_and_do_not_care_which_is_the_truth(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    pred, label = (torch.rand(2, 1, 9, 7, generator=generator) > 0.6).long()
    scores, swapped = overlap_scores(pred, label), overlap_scores(label, pred)
    assert scores["dice"] == pytest.approx(2 * scores["iou"] / (1 + scores["iou"]))
    assert scores["dice"] == swapped["dice"]
    assert scores["precision"] == swapped["recall"]


def test_shapes_must_be_equal() -> None:
    with pytest.raises(ValueError, match=r"pred \(1, 2, 3\) and label \(2, 3\) differ in shape"):
        overlap_scores(SOME, SOME[0])


def test_the_summary_by_hand() -> None:
    names = ["both empty", "false alarm", "miss", "perfect", "part"]
    summary = summarise([overlap_scores(*CASES[name][:2]) for name in names])
    assert summary == pytest.approx({
        "images": 5,
        "images_positive": 3,  # miss, perfect, part
        "dice": (1 + 0 + 0 + 1 + 4 / 7) / 5,
        "dice_positive": (0 + 1 + 4 / 7) / 3,
        "iou": (1 + 0 + 0 + 1 + 2 / 5) / 5,
        "iou_positive": (0 + 1 + 2 / 5) / 3,
        "false_alarm_rate": 1 / 2,
        "miss_rate": 1 / 3,
    })  # fmt: skip


def test_means_over_nothing_are_not_defined() -> None:
    healthy = summarise([overlap_scores(EMPTY, EMPTY)])
    assert (healthy["dice"], healthy["false_alarm_rate"]) == (1, 0)
    assert math.isnan(healthy["dice_positive"])
    assert math.isnan(healthy["miss_rate"])
    assert math.isnan(summarise([])["dice"])
