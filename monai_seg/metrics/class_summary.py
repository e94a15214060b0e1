"""Scores of a class branch, which gives each image one class: as functions of case weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.bootstrap import Statistic, Values
from monai_seg.metrics.calibration import expected_calibration_error
from monai_seg.metrics.case_measures import Cases
from monai_seg.metrics.class_calibration import top_label_bins
from monai_seg.metrics.classification import CLASS_SCORES, class_scores, macro
from monai_seg.metrics.roc_auc import mean_roc_auc, roc_auc


def image_confusions(cases: Cases) -> NDArray[np.int64] | None:
    """Return a confusion matrix per case, (N, K, K), with a single 1, or with none where truth or probability is
    unknown; None where no case has both.

    Raises:
        ValueError: a true class is not below K.
    """
    truth, probability = cases.class_truth, cases.class_probability
    if truth is None or probability is None:
        return None
    classes = probability.shape[1]
    known = np.flatnonzero((truth >= 0) & ~np.isnan(probability).any(axis=1))
    if known.size and truth[known].max() >= classes:
        raise ValueError(f"class must be below {classes}, the number of class probabilities, got {truth[known].max()}")
    matrices = np.zeros((len(truth), classes, classes), np.int64)
    matrices[known, truth[known], probability[known].argmax(axis=1)] = 1
    return matrices if known.size else None


def class_names_of_scores(suffixes: Sequence[str]) -> list[str]:
    """Return the names of what `class_statistic` gives."""
    means = ["class_accuracy", *(f"class_{name}" for name in CLASS_SCORES), "class_auc", "class_ece"]
    return means + [f"class_{name}_{suffix}" for suffix in suffixes for name in (*CLASS_SCORES, "auc")]


def class_bins(cases: Cases) -> Values | None:
    """Return the sums, (3, bins), of `top_label_bins` of all cases; None without a class branch."""
    if cases.class_truth is None or cases.class_probability is None:
        return None
    return np.asarray(top_label_bins(cases.class_probability, cases.class_truth).sum(axis=0))


def class_statistic(cases: Cases, matrices: NDArray[np.int64]) -> Statistic:
    """Return the function of case weights that gives accuracy, macro scores, ECE, and those of each class."""
    classes = matrices.shape[1]
    known = matrices.sum(axis=(1, 2)) > 0
    truth = np.where(known, np.asarray(cases.class_truth), -1)
    probability = np.where(known[:, None], np.asarray(cases.class_probability), np.nan)
    flat = matrices.reshape(len(matrices), -1).astype(np.float64)
    bins = top_label_bins(probability, truth)

    def statistic(weights: Values) -> Values:
        scores = class_scores((weights @ flat).reshape(-1, classes, classes))
        means = [scores["accuracy"], *(macro(scores[name]) for name in CLASS_SCORES),
                 mean_roc_auc(probability, truth, weights),
                 expected_calibration_error(np.tensordot(weights, bins, axes=1))]
        each = [column for k in range(classes) for column in
                (*(scores[name][:, k] for name in CLASS_SCORES), roc_auc(probability[:, k], truth == k, weights))]
        return np.stack([*means, *each], axis=1)

    return statistic
