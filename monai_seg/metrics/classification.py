"""Precision, recall and F1 of classes from a confusion matrix, as scikit-learn counts them.

Of images this is the score of a classifier; of pixels F1 is Dice. A class that occurs in truth or prediction counts
with 0 where a ratio is 0 / 0, so that a class which is never predicted costs something; one that occurs in neither is
left out of the means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.bootstrap import Values
from monai_seg.metrics.confusion import Counts, counts_of
from monai_seg.metrics.overlap import divide

CLASS_SCORES = ("precision", "recall", "f1")


def class_scores(matrix: NDArray) -> dict[str, Values]:
    """Return `CLASS_SCORES` of each class, (..., K), and ``accuracy`` (...) of confusion matrices (..., K, K)."""
    counts = counts_of(matrix)
    there = _occurs(counts)
    ratios = {
        "precision": divide(counts.tp, counts.tp + counts.fp, 0.0),
        "recall": divide(counts.tp, counts.tp + counts.fn, 0.0),
        "f1": divide(2 * counts.tp, 2 * counts.tp + counts.fp + counts.fn, 0.0),
    }
    scores = {name: np.where(there, values, np.nan) for name, values in ratios.items()}
    return {**scores, "accuracy": divide(counts.tp.sum(axis=-1), matrix.sum(axis=(-2, -1)))}


def macro(values: Values) -> Values:
    """Return the mean over the last axis of what is defined there; NaN where nothing is."""
    defined = ~np.isnan(values)
    return divide(np.where(defined, values, 0).sum(axis=-1), defined.sum(axis=-1))


def classification_report(matrix: NDArray, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return a row per class, then ``accuracy``, ``macro avg`` and ``weighted avg``, as scikit-learn's report.

    Args:
        matrix: confusion matrix (K, K), rows are the truth.
        names: of the K classes.
    """
    scores, support = class_scores(matrix), matrix.sum(axis=-1)
    per_class = {name: scores[name] for name in CLASS_SCORES}
    rows = [{"class": name, **{score: float(values[k]) for score, values in per_class.items()},
             "support": int(support[k])} for k, name in enumerate(names)]
    total = int(support.sum())
    means = {score: float(macro(values)) for score, values in per_class.items()}
    weighted = {score: float(divide(np.nansum(values * support), total)) for score, values in per_class.items()}
    accuracy = {"precision": np.nan, "recall": np.nan, "f1": float(scores["accuracy"])}
    return [*rows, *({"class": name, **values, "support": total} for name, values in
                     (("accuracy", accuracy), ("macro avg", means), ("weighted avg", weighted)))]


def _occurs(counts: Counts) -> NDArray[np.bool_]:
    return (counts.tp + counts.fp + counts.fn) > 0
