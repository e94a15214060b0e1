from __future__ import annotations

import numpy as np
import pytest
from reference import calibration_error
from sklearn.calibration import calibration_curve

from monai_seg.metrics.calibration import BINS, expected_calibration_error
from monai_seg.metrics.class_calibration import class_reliability_table, top_label_bins

NAN = float("nan")


def test_by_hand() -> None:
    probability = np.array([[0.9, 0.1], [0.1, 0.9], [0.7, 0.3], [0.7, 0.3]])
    sums = top_label_bins(probability, np.array([0, 0, 0, 1])).sum(axis=0)  # right, wrong, right, wrong
    assert expected_calibration_error(sums) == pytest.approx(2 / 4 * abs(0.9 - 0.5) + 2 / 4 * abs(0.7 - 0.5))
    rows = [row for row in class_reliability_table(sums) if row["images"]]
    assert [(row["images"], row["right"]) for row in rows] == [(2, 0.5), (2, 0.5)]
    assert [row["confidence"] for row in rows] == pytest.approx([0.7, 0.9])
    assert all(row["above"] < row["confidence"] <= row["up_to"] for row in rows)


@pytest.mark.parametrize("seed", range(10))
def test_the_error_is_that_of_a_plain_loop_and_the_table_scikit_learn_s(seed: int) -> None:
    random = np.random.default_rng(seed)
    probability, truth = random.dirichlet(np.ones(4) / 2, 200), random.integers(4, size=200)
    confidence, right = probability.max(axis=1), probability.argmax(axis=1) == truth
    sums = top_label_bins(probability, truth).sum(axis=0)
    assert expected_calibration_error(sums) == pytest.approx(calibration_error(confidence, right, BINS), abs=1e-9)
    rows = [row for row in class_reliability_table(sums) if row["images"]]
    share, mean = calibration_curve(right, confidence, n_bins=BINS)
    assert [row["right"] for row in rows] == pytest.approx(share)
    assert [row["confidence"] for row in rows] == pytest.approx(mean)
    assert sum(row["images"] for row in rows) == 200


def test_an_image_without_class_or_probability_is_in_no_bin() -> None:
    probability = np.array([[0.4, 0.6], [NAN, NAN], [0.2, 0.8]])
    sums = top_label_bins(probability, np.array([-1, 0, 1]))
    assert sums.sum(axis=(1, 2)).tolist() == pytest.approx([0, 0, 1 + 0.8 + 1])


def test_no_image_has_no_error_and_sure_and_right_is_perfect() -> None:
    nothing = top_label_bins(np.zeros((0, 3)), np.zeros(0, int)).sum(axis=0)
    assert np.isnan(expected_calibration_error(nothing))
    sure = top_label_bins(np.array([[0.0, 1.0 + 1e-7]]), np.array([1])).sum(axis=0)
    assert expected_calibration_error(sure) == pytest.approx(0, abs=1e-6) and sure[0, -1] == 1


def test_logits_are_refused() -> None:
    with pytest.raises(ValueError, match=r"probability must lie in \[0, 1\], got -1.0 to 4.0"):
        top_label_bins(np.array([[4.0, -1.0]]), np.array([0]))
