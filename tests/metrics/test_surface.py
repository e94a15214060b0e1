from __future__ import annotations

import math

import numpy as np
import pytest

from monai_seg.metrics.surface import outline, surface_distances, surface_scores

EMPTY = np.zeros((30, 40), bool)  # its diagonal is 50


def box(top: int, left: int, height: int = 10, width: int = 10) -> np.ndarray:
    mask = EMPTY.copy()
    mask[top : top + height, left : left + width] = True
    return mask


def test_the_empty_cases() -> None:
    both = surface_scores(EMPTY, EMPTY)
    assert math.isnan(both["hd95"])
    assert (both["hd95_penalised"], both["surface_dice"]) == (0, 1)
    for pred, label in ((EMPTY, box(5, 5)), (box(5, 5), EMPTY)):  # a miss, and a false alarm, are never perfect
        scores = surface_scores(pred, label)
        assert math.isnan(scores["hd95"])
        assert (scores["hd95_penalised"], scores["surface_dice"]) == (50, 0)


@pytest.mark.parametrize(("rule", "value"), [("one", 1), ("zero", 0), ("nan", math.nan)])
def test_the_rule_for_two_empty_masks(rule: str, value: float) -> None:
    assert surface_scores(EMPTY, EMPTY, empty=rule)["surface_dice"] == pytest.approx(value, nan_ok=True)


def test_single_pixels_are_as_far_apart_as_they_are() -> None:
    scores = surface_scores(box(2, 3, 1, 1), box(5, 7, 1, 1))
    assert scores["hd95"] == scores["hd95_penalised"] == 5  # 3 down, 4 right
    assert scores["surface_dice"] == 0


def test_the_larger_direction_counts_and_the_percentile_is_interpolated() -> None:
    row, pixel = box(0, 0, 1, 11), box(0, 0, 1, 1)  # distances to the pixel are 0, 1, ..., 10, and 0 on the way back
    assert surface_scores(row, pixel)["hd95"] == pytest.approx(9.5)  # 95 % of the way from rank 0 to rank 10
    assert surface_scores(row, pixel, tolerance_px=2)["surface_dice"] == pytest.approx((3 + 1) / (11 + 1))
    assert surface_scores(row, pixel, tolerance_px=0)["surface_dice"] == pytest.approx((1 + 1) / (11 + 1))


def test_moving_both_changes_nothing_also_at_the_border() -> None:
    inside, corner = surface_scores(box(5, 5), box(8, 6)), surface_scores(box(0, 0), box(3, 1))
    assert corner == inside


@pytest.mark.parametrize("seed", range(5))
def test_swapping_prediction_and_truth_changes_nothing(seed: int) -> None:
    pred, label = np.random.default_rng(seed).random((2, 20, 13)) > 0.8
    assert surface_scores(pred, label) == surface_scores(label, pred)
    assert surface_scores(pred, pred) == {"hd95": 0, "hd95_penalised": 0, "surface_dice": 1}


def test_the_outline_is_what_touches_the_outside_by_a_side() -> None:
    assert outline(np.ones((4, 5), bool)).sum() == 2 * 5 + 2 * 2  # the image's border is outside
    plus = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
    assert np.array_equal(outline(plus), plus ^ np.pad([[True]], 1))


def test_distances_are_one_per_outline_pixel() -> None:
    there, back = surface_distances(box(5, 5, 3, 3), box(5, 5, 4, 4))
    assert (len(there), len(back)) == (8, 12)


def test_shapes_must_be_equal() -> None:
    with pytest.raises(ValueError, match=r"pred \(30, 40\) and label \(40, 30\) differ in shape"):
        surface_scores(EMPTY, EMPTY.T)
