"""What a score could have been on other cases of the same kind: percentile intervals by the bootstrap.

Whole groups (patients) are drawn with replacement, as many as there are, and their cases come along: images of one
patient resemble each other, and drawing them apart would promise too much. A draw is a vector of case weights, so a
statistic is written once, for weights, and its value on the cases themselves is the one of weights 1.

Draws on which a score is not defined (no image with a lesion among them) are left out of its percentiles.

Source:
    Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Statistic = Callable[[Values], Values]  # case weights (R, N) -> scores (R, S), NaN where one is not defined
BLOCK = 1_000_000  # weights held at a time: 8 MB, however many the cases


class Interval(NamedTuple):
    """Scores on all cases and their limits, each (S,); NaN where a score is not defined."""

    value: Values
    low: Values
    high: Values


def bootstrap_interval(
    statistic: Statistic,
    cases: int,
    groups: Sequence[str] | None = None,
    *,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return the scores of ``statistic`` with the percentile interval of ``level``, the same for the same seed.

    Args:
        statistic: gives the scores for each row of case weights.
        cases: their number, at least 1.
        groups: name of each case's group; None where each stands for itself.
        resamples: number of draws.
        level: probability that the interval is made for, between 0 and 1.
        seed: of the draws.

    Raises:
        ValueError: no case, another number of groups than of cases, or a level outside (0, 1).
    """
    if cases < 1 or (groups is not None and len(groups) != cases):
        raise ValueError(f"cases must be 1 or more, with a group each, got {cases} cases and groups {groups!r:.80}")
    if not 0 < level < 1 or resamples < 1:
        raise ValueError(f"level must lie between 0 and 1 and resamples be 1 or more, got {level} and {resamples}")
    value = statistic(np.ones((1, cases)))[0]
    drawn = np.concatenate([statistic(weights) for weights in resampled_weights(cases, groups, resamples, seed)])
    low, high = nan_percentiles(drawn, (50 * (1 - level), 50 * (1 + level)))
    return Interval(value, np.where(np.isnan(value), np.nan, low), np.where(np.isnan(value), np.nan, high))


def resampled_weights(cases: int, groups: Sequence[str] | None, resamples: int, seed: int) -> Iterator[Values]:
    """Yield how often each case was drawn, in blocks (R, cases) that add up to ``resamples`` rows."""
    group_of_case = np.arange(cases) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    count = int(group_of_case.max()) + 1
    random = np.random.default_rng(seed)
    rows = max(1, BLOCK // cases)
    for start in range(0, resamples, rows):
        block = min(rows, resamples - start)
        drawn = random.integers(count, size=(block, count)) + count * np.arange(block)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=block * count).reshape(block, count)
        yield weights[:, group_of_case].astype(np.float64)


def nan_percentiles(values: Values, percentiles: tuple[float, float]) -> tuple[Values, Values]:
    """Return two percentiles of each column of (R, S), over what is not NaN; NaN, and no warning, where all are."""
    columns = [column[~np.isnan(column)] for column in values.T]
    found = [np.percentile(column, percentiles) if column.size else (np.nan, np.nan) for column in columns]
    low, high = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return low, high
