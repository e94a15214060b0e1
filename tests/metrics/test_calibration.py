from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from monai_seg.metrics.calibration import calibration_bins, expected_calibration_error, reliability_table


def test_by_hand() -> None:
    prob, truth = np.array([0.9, 0.9, 0.2, 0.2]), np.array([True, False, False, False])
    ece = expected_calibration_error(calibration_bins(prob, truth))
    assert ece == pytest.approx(2 / 4 * abs(0.9 - 0.5) + 2 / 4 * abs(0.2 - 0))


def test_the_table_is_scikit_learn_s_curve() -> None:
    random = np.random.default_rng(0)
    prob = random.random(900).round(2)
    truth = random.random(900) < prob
    rows = [row for row in reliability_table(calibration_bins(prob, truth)) if row["pixels"]]
    share, mean = calibration_curve(truth, prob, n_bins=15)
    assert [row["foreground"] for row in rows] == pytest.approx(share)
    assert [row["probability"] for row in rows] == pytest.approx(mean)
    assert sum(row["pixels"] for row in rows) == 900


def test_sums_of_cases_are_the_sums_of_all_pixels() -> None:
    prob, truth = np.random.default_rng(1).random((2, 60, 8)), np.random.default_rng(2).random((2, 60, 8)) < 0.3
    apart = calibration_bins(prob[0], truth[0]) + calibration_bins(prob[1], truth[1])
    assert apart == pytest.approx(calibration_bins(prob, truth))


def test_sure_and_right_is_perfect_and_the_ends_have_bins() -> None:
    sums = calibration_bins(np.array([0.0, 1.0]), np.array([False, True]))
    assert (sums[0, 0], sums[0, -1], expected_calibration_error(sums)) == (1, 1, 0)


def test_no_pixel_has_no_error() -> None:
    assert np.isnan(expected_calibration_error(np.zeros((3, 15))))
    assert np.isnan([row["foreground"] for row in reliability_table(np.zeros((3, 15)))]).all()


@pytest.mark.parametrize("values", [[-0.1, 0.5], [0.5, 1.5], [0.5, np.nan]])
def test_logits_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match=r"probability must lie in \[0, 1\]"):
        calibration_bins(np.array(values), np.array([True, False]))
