"""Scores that are ratios of counts of pixels, with a named rule for the empty case instead of a small number.

    dice = 2 TP / (2 TP + FP + FN)        of pixels this is F1 too: precision and recall's harmonic mean
    iou = TP / (TP + FP + FN)
    precision = TP / (TP + FP)            undefined (NaN) where nothing is predicted
    recall = TP / (TP + FN)               undefined where the truth is empty; also called sensitivity
    specificity = TN / (TN + FP)          undefined where the truth is everywhere
    accuracy = (TP + TN) / all

Only where truth and prediction are *both* empty, dice and iou are what the rule says; where one is empty they are 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monai_seg.metrics.confusion import Counts

Values = NDArray[np.float64]
EMPTY_SCORES = {"one": 1.0, "zero": 0.0, "nan": math.nan}  # "nan": left out of the means
RULED = ("dice", "iou")  # what the rule is for

RATIOS: dict[str, Callable[[Counts], tuple[NDArray, NDArray]]] = {  # numerator and denominator
    "dice": lambda c: (2 * c.tp, 2 * c.tp + c.fp + c.fn),
    "iou": lambda c: (c.tp, c.tp + c.fp + c.fn),
    "precision": lambda c: (c.tp, c.tp + c.fp),
    "recall": lambda c: (c.tp, c.tp + c.fn),
    "specificity": lambda c: (c.tn, c.tn + c.fp),
    "accuracy": lambda c: (c.tp + c.tn, c.tp + c.fp + c.fn + c.tn),
}


def overlap_scores(counts: Counts, empty: str = "one") -> dict[str, Values]:
    """Return the scores above by name, each of the shape of the counts.

    For pooled scores give the counts' sums over the images.

    Args:
        counts: of `counts_of`.
        empty: dice and iou where truth and prediction are both empty: "one", "zero" or "nan".

    Raises:
        ValueError: there is no such rule.
    """
    otherwise = empty_score(empty)
    return {name: divide(*ratio(counts), otherwise if name in RULED else math.nan) for name, ratio in RATIOS.items()}


def empty_score(empty: str) -> float:
    """Return the score that the rule ``empty`` gives.

    Raises:
        ValueError: there is no such rule.
    """
    if empty not in EMPTY_SCORES:
        raise ValueError(f"empty must be one of {sorted(EMPTY_SCORES)}, got {empty!r}")
    return EMPTY_SCORES[empty]


def divide(numerator: ArrayLike, denominator: ArrayLike, otherwise: float = math.nan) -> Values:
    """Return the ratio, and ``otherwise`` where the denominator is 0."""
    above, below = np.asarray(numerator, np.float64), np.asarray(denominator, np.float64)
    ratio: Values = np.full(np.broadcast(above, below).shape, otherwise, dtype=np.float64)
    np.divide(above, below, out=ratio, where=below != 0)
    return ratio
