"""Scores over many cases that are ratios of sums: means, rates and pooled scores, all at once for many case weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.bootstrap import Statistic, Values
from monai_seg.metrics.overlap import divide


@dataclass(frozen=True)
class Ratio:
    """A score that is the mean over columns of ``sum over cases of numerator / sum over cases of denominator``.

    Args:
        name: of the score.
        numerator, denominator: (N, C); several columns where it is a mean over classes of pooled ratios. A column
            whose denominators are all 0 is left out.
        count: how many values (cases, or pairs of case and class) went in.
        undefined: how many should have but have no value.
    """

    name: str
    numerator: Values
    denominator: Values
    count: int
    undefined: int = 0


def mean_of(name: str, values: Values, among: NDArray[np.bool_] | None = None) -> Ratio:
    """Return the mean over cases of each case's mean over classes, of what is defined ``among`` the pairs named.

    Shape:
        values: (N, C), NaN where undefined.  among: (N, C), by default all.
    """
    among = np.ones(values.shape, dtype=bool) if among is None else among
    usable = among & ~np.isnan(values)
    of_case = divide(np.where(usable, values, 0).sum(axis=1), usable.sum(axis=1), 0.0)
    count = int(usable.sum())
    weighs = (usable.sum(axis=1) > 0).astype(np.float64)[:, None]
    return Ratio(name, of_case[:, None], weighs, count, int(among.sum()) - count)


def pooled(name: str, numerator: NDArray, denominator: NDArray) -> Ratio:
    """Return the ratio of sums over all cases, and its mean over classes; both (N, C)."""
    return Ratio(name, np.asarray(numerator, np.float64), np.asarray(denominator, np.float64),
                 int((np.asarray(denominator) > 0).sum()))


def ratio_statistic(ratios: Sequence[Ratio]) -> Statistic:
    """Return the function of case weights (R, N) that gives the scores (R, S) of ``ratios``."""
    above = np.concatenate([ratio.numerator for ratio in ratios], axis=1)
    below = np.concatenate([ratio.denominator for ratio in ratios], axis=1)
    starts = np.cumsum([0, *(ratio.numerator.shape[1] for ratio in ratios[:-1])])

    def scores(weights: Values) -> Values:
        values = divide(weights @ above, weights @ below)
        defined = ~np.isnan(values)
        total = np.add.reduceat(np.where(defined, values, 0), starts, axis=1)
        return divide(total, np.add.reduceat(defined.astype(np.float64), starts, axis=1))

    return scores
