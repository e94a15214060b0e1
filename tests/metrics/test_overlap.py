from __future__ import annotations

import math

import numpy as np
import pytest

from monai_seg.metrics.confusion import Counts, confusion_matrix, counts_of
from monai_seg.metrics.overlap import RATIOS, overlap_scores


def mask(*rows: str) -> np.ndarray:
    return np.array([[int(pixel) for pixel in row] for row in rows])[None]


EMPTY, SOME, OTHER, MORE = mask("000", "000"), mask("110", "100"), mask("001", "000"), mask("010", "111")
CASES = {  # prediction, truth -> dice, iou, precision, recall, specificity; SOME has 3 pixels, MORE 4, they share 2
    "both empty": (EMPTY, EMPTY, 1, 1, None, None, 1),
    "false alarm": (SOME, EMPTY, 0, 0, 0, None, 3 / 6),
    "miss": (EMPTY, SOME, 0, 0, None, 0, 1),
    "perfect": (SOME, SOME, 1, 1, 1, 1, 1),
    "part": (MORE, SOME, 2 * 2 / (4 + 3), 2 / (4 + 3 - 2), 2 / 4, 2 / 3, 1 / 3),
    "beside": (OTHER, SOME, 0, 0, 0, 0, 2 / 3),
}


def foreground(pred: np.ndarray, label: np.ndarray) -> Counts:
    return Counts(*(part[1] for part in counts_of(confusion_matrix(pred, label, 2))))


@pytest.mark.parametrize("name", CASES)
def test_scores_by_hand(name: str) -> None:
    pred, label, *expected = CASES[name]
    scores = overlap_scores(foreground(pred, label))
    for score, value in zip(("dice", "iou", "precision", "recall", "specificity"), expected, strict=True):
        assert scores[score] == pytest.approx(math.nan if value is None else value, nan_ok=True), score
    assert scores["accuracy"] == pytest.approx((pred == label).mean())


@pytest.mark.parametrize(("rule", "value"), [("one", 1), ("zero", 0), ("nan", math.nan)])
def test_the_rule_is_for_two_empty_masks_alone(rule: str, value: float) -> None:
    both = overlap_scores(foreground(EMPTY, EMPTY), empty=rule)
    assert [float(both["dice"]), float(both["iou"])] == pytest.approx([value, value], nan_ok=True)
    for name in ("miss", "false alarm"):
        scores = overlap_scores(foreground(*CASES[name][:2]), empty=rule)
        assert (scores["dice"], scores["iou"]) == (0, 0)
    assert math.isnan(overlap_scores(foreground(EMPTY, SOME), empty=rule)["precision"])  # never 1 for a miss


def test_an_unknown_rule_is_told_with_the_choices() -> None:
    with pytest.raises(ValueError, match=r"empty must be one of \['nan', 'one', 'zero'\], got 'skip'"):
        overlap_scores(foreground(SOME, SOME), empty="skip")


@pytest.mark.parametrize("seed", range(5))
def test_dice_is_the_harmonic_mean_of_precision_and_recall_and_belongs_to_iou(seed: int) -> None:
    pred, label = (np.random.default_rng(seed).random((2, 1, 9, 7)) > 0.6).astype(int)
    scores = overlap_scores(foreground(pred, label))
    assert scores["dice"] == pytest.approx(2 / (1 / scores["precision"] + 1 / scores["recall"]))
    assert scores["dice"] == pytest.approx(2 * scores["iou"] / (1 + scores["iou"]))
    swapped = overlap_scores(foreground(label, pred))
    assert (swapped["dice"], swapped["precision"]) == (scores["dice"], scores["recall"])


def test_scores_keep_the_shape_of_the_counts() -> None:
    counts = Counts(*np.arange(24).reshape(4, 2, 3))
    assert {name: values.shape for name, values in overlap_scores(counts).items()} == dict.fromkeys(RATIOS, (2, 3))
