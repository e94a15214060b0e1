from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from monai_seg.metrics.roc_auc import mean_roc_auc, roc_auc


def test_by_hand() -> None:
    assert roc_auc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]).tolist() == [0.75]  # 3 of 4 pairs
    assert roc_auc([0.5, 0.5], [False, True]).tolist() == [0.5]


@pytest.mark.parametrize("seed", range(5))
def test_it_is_scikit_learn_s_with_ties_and_weights(seed: int) -> None:
    random = np.random.default_rng(seed)
    score, truth, weights = random.random(50).round(1), random.random(50) < 0.4, random.integers(0, 3, (4, 50)) * 1.0
    expected = [roc_auc_score(truth, score, sample_weight=row) for row in weights]
    assert roc_auc(score, truth, weights) == pytest.approx(expected)


def test_without_both_kinds_it_is_not_defined() -> None:
    for truth in ([True, True], [False, False]):
        assert np.isnan(roc_auc([0.1, 0.2], truth)).all()
    assert np.isnan(roc_auc([np.nan], [True])).all()
    assert np.isnan(roc_auc([], [])).all()


def test_cases_without_score_are_left_out() -> None:
    assert roc_auc([0.1, np.nan, 0.8], [False, True, True]).tolist() == [1]


def test_the_mean_is_over_the_classes_that_occur() -> None:
    scores = np.array([[0.8, 0.2, 0.0], [0.3, 0.6, 0.1], [0.5, 0.4, 0.1]])
    truth = np.array([0, 1, 1])  # class 2 does not
    assert mean_roc_auc(scores, truth).tolist() == [pytest.approx((1 + 1) / 2)]


def test_two_classes_have_one_area() -> None:
    random = np.random.default_rng(0)
    p, truth = random.random(30), random.integers(2, size=30)
    assert mean_roc_auc(np.stack([1 - p, p], axis=1), truth)[0] == pytest.approx(roc_auc(p, truth == 1)[0])
