"""Two runs on the same cases: is one better, and is that more than chance?

Each case is its own control: what counts is the difference within a case. Its mean gets a percentile bootstrap interval
(whole patients are drawn, where they are known), and the question "does one run win by chance alone?" the signed-rank
test.

Source:
    Wilcoxon 1945, https://doi.org/10.2307/3001968; `scipy.stats.wilcoxon`, which leaves out cases without difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

from monai_seg.metrics.bootstrap import bootstrap_interval

LOWER_IS_BETTER = ("hd95", "area_error", "ece", "false_alarm_rate", "miss_rate")
TIE = 5e-7  # cases.csv has six places


@dataclass(frozen=True)
class Comparison:
    """How another run does against the first, on N cases.

    Args:
        mean_first, mean_other: of the score.
        difference: of the means, other - first.
        low, high: 95 % limits of the difference.
        p: of the signed-rank test, two-sided; 1 where no case differs.
        wins, losses, ties: cases in which the other run is better, worse, equal.
    """

    mean_first: float
    mean_other: float
    difference: float
    low: float
    high: float
    p: float
    wins: int
    losses: int
    ties: int

    def worse_by(self, score: str) -> float:
        """Return by how much the other run is worse, above 0 where it is, whichever way the score goes."""
        return self.difference if lower_is_better(score) else -self.difference


def compare_scores(
    first: Sequence[float] | NDArray[np.float64],
    other: Sequence[float] | NDArray[np.float64],
    score: str,
    groups: Sequence[str] | None = None,
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Return the comparison of paired scores.

    Args:
        first, other: the score of each case in both runs, numbers.
        score: name of the score, which tells whether less is better.
        groups: patient of each case; None where each stands for itself.
        resamples, seed: of the bootstrap.

    Raises:
        ValueError: no case, other lengths, or a score that is no number.
    """
    a, b = np.asarray(first, np.float64), np.asarray(other, np.float64)
    if a.ndim != 1 or a.shape != b.shape or not a.size or not np.isfinite([a, b]).all():
        raise ValueError(f"needs two scores, both numbers, for each of one case or more; got {a.shape} and {b.shape}")
    change = b - a
    change[np.abs(change) < TIE] = 0

    def mean(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return (weights @ change / weights.sum(axis=1))[:, None]

    interval = bootstrap_interval(mean, change.size, groups, resamples=resamples, seed=seed)
    p = float(wilcoxon(change, zero_method="wilcox").pvalue) if change.any() else 1.0
    better = -change if lower_is_better(score) else change
    return Comparison(float(a.mean()), float(b.mean()), float(interval.value[0]), float(interval.low[0]),
                      float(interval.high[0]), p, int((better > 0).sum()), int((better < 0).sum()),
                      int((change == 0).sum()))


def lower_is_better(score: str) -> bool:
    """Return whether less of ``score`` is better."""
    return any(part in score for part in LOWER_IS_BETTER)
