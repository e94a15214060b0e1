from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, precision_score, recall_score

from monai_seg.metrics.threshold_counts import ThresholdCounts, counts_by_threshold, probability_histogram


def counted(probability: list[float], truth: list[int], thresholds: int = 127) -> ThresholdCounts:
    histogram = probability_histogram(torch.tensor(probability), torch.tensor(truth, dtype=torch.bool), thresholds)
    return counts_by_threshold(histogram.numpy())


def test_four_pixels_by_hand() -> None:
    counts = counted([0.0, 0.5, 0.6, 1.0], [0, 1, 0, 1], thresholds=3)  # thresholds 0, 0.5, 1
    assert counts.threshold.tolist() == [0, 0.5, 1]
    assert counts.tp.tolist() == [2, 2, 1] and counts.fp.tolist() == [2, 1, 0]
    assert counts.fn.tolist() == [0, 0, 1] and counts.tn.tolist() == [0, 1, 2]
    assert counts.dice.tolist() == pytest.approx([4 / 6, 4 / 5, 2 / 3])


@pytest.mark.parametrize("seed", range(3))
def test_each_threshold_agrees_with_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    probability = random.random((3, 8, 9)).astype(np.float32)
    truth = random.random((3, 8, 9)) < 0.3
    counts = counts_by_threshold(
        probability_histogram(torch.tensor(probability), torch.tensor(truth)).numpy())
    for t in (0, 1, 30, 63, 100, 126):
        found = (np.floor(probability * np.float32(126)) >= t).ravel()  # reaches the threshold t / 126
        assert counts.precision[t] == pytest.approx(precision_score(truth.ravel(), found, zero_division=1), abs=1e-12)
        assert counts.recall[t] == pytest.approx(recall_score(truth.ravel(), found), abs=1e-12)
        assert counts.dice[t] == pytest.approx(f1_score(truth.ravel(), found), abs=1e-12)


def test_histograms_add_up() -> None:
    probability, truth = torch.rand(20), torch.rand(20) < 0.5
    parts = probability_histogram(probability[:7], truth[:7]) + probability_histogram(probability[7:], truth[7:])
    assert torch.equal(parts, probability_histogram(probability, truth))
    assert parts.sum() == 20


def test_without_a_positive_recall_is_not_defined_and_without_anything_found_precision_is_1() -> None:
    counts = counted([0.2, 0.4], [0, 0])
    assert np.isnan(counts.recall).all()
    assert counts.precision[0] == 0 and counts.precision[-1] == 1
    assert counts.dice[0] == 0 and np.isnan(counts.dice[-1])


def test_half_precision_is_counted_as_float() -> None:
    assert probability_histogram(torch.tensor([1.0, 0.0]).half(), torch.tensor([True, False])).sum() == 2
