from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix as by_scikit_learn

from monai_seg.metrics.confusion import confusion_matrix, counts_of

TRUTH, FOUND = np.array([[0, 0, 1, 2, 2, 2]]), np.array([[0, 1, 1, 2, 2, 0]])


def test_rows_are_the_truth() -> None:
    assert confusion_matrix(FOUND, TRUTH, 3).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 2]]


def test_counts_by_hand() -> None:
    counts = counts_of(confusion_matrix(FOUND, TRUTH, 3))
    assert (counts.tp[2], counts.fp[2], counts.fn[2], counts.tn[2]) == (2, 0, 1, 3)
    assert sum(part[1] for part in counts) == TRUTH.size


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int64, torch.float32, torch.bool])
def test_the_type_of_number_does_not_matter(dtype: torch.dtype) -> None:
    found, truth = torch.tensor([[0, 1, 1]]).to(dtype), torch.tensor([[0, 0, 1]]).to(dtype)
    assert confusion_matrix(found, truth, 2).tolist() == [[1, 1], [0, 1]]


@pytest.mark.parametrize("seed", range(5))
def test_it_is_scikit_learn_s(seed: int) -> None:
    truth, found = np.random.default_rng(seed).integers(4, size=(2, 200))
    assert np.array_equal(confusion_matrix(found, truth, 4), by_scikit_learn(truth, found, labels=range(4)))


def test_stacked_matrices_are_counted_one_by_one() -> None:
    matrices = np.random.default_rng(0).integers(9, size=(5, 3, 3))
    for matrix, *counts in zip(matrices, *counts_of(matrices), strict=True):
        assert np.array_equal(counts, counts_of(matrix))


@pytest.mark.parametrize(("pred", "label", "told"), [
    ([[0.3, 0.9]], [[0, 1]], r"pred must hold class ids 0 to 1, got float64 values from 0.3 to 0.9"),
    ([[0, 1]], [[0, 255]], r"label must hold class ids 0 to 1, got int64 values from 0 to 255"),
    ([[0, -1]], [[0, 1]], r"pred must hold class ids 0 to 1"),
    ([[0, np.nan]], [[0, 1]], r"pred must hold class ids 0 to 1"),
    ([[0, np.inf]], [[0, 1]], r"pred must hold class ids 0 to 1"),
    ([[0, 1, 1]], [[0, 1]], r"pred \(1, 3\) and label \(1, 2\) differ in shape"),
])  # fmt: skip
def test_what_is_no_class_id_is_refused(pred: list, label: list, told: str) -> None:
    """Dice on probabilities, or on labels of 255, would be 0 without a word."""
    with pytest.raises(ValueError, match=told):
        confusion_matrix(np.array(pred), np.array(label), 2)


def test_one_class_is_none() -> None:
    with pytest.raises(ValueError, match="num_classes must be 2 or more, background included, got 1"):
        confusion_matrix(TRUTH, TRUTH, 1)
