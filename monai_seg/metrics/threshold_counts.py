"""What each threshold would find, from a histogram: no pixel is kept, and all thresholds are known at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from monai_seg.metrics.overlap import divide

THRESHOLDS = 127  # 0, 1/126 … 1, as in torch's and TensorBoard's curves


class ThresholdCounts(NamedTuple):
    """Pixels, or images, by threshold, (T,) each; what reaches the threshold counts as found.

    Args:
        threshold: ascending from 0 to 1.
        tp, fp, fn, tn: counts.
    """

    threshold: NDArray[np.float64]
    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    fn: NDArray[np.int64]
    tn: NDArray[np.int64]

    @property
    def precision(self) -> NDArray[np.float64]:
        """TP / (TP + FP), and 1 where nothing is found: the curve's usual end."""
        return divide(self.tp, self.tp + self.fp, 1.0)

    @property
    def recall(self) -> NDArray[np.float64]:
        """TP / (TP + FN), NaN without a positive."""
        return divide(self.tp, self.tp + self.fn)

    @property
    def dice(self) -> NDArray[np.float64]:
        """2 TP / (2 TP + FP + FN) of all together, NaN where there is none of them."""
        return divide(2 * self.tp, 2 * self.tp + self.fp + self.fn)


def probability_histogram(probability: Tensor, truth: Tensor, thresholds: int = THRESHOLDS) -> Tensor:
    """Return how many negatives (row 0) and positives (row 1) lie at or above each threshold and below the next.

    Shape:
        probability: any, in [0, 1].  truth: the same, bool.  Result: (2, thresholds) int64.
    """
    place = (probability.float() * (thresholds - 1)).floor().clamp(0, thresholds - 1).long()
    return torch.bincount((place + thresholds * truth.long()).flatten(), minlength=2 * thresholds).view(2, thresholds)


def counts_by_threshold(histogram: NDArray[np.int64]) -> ThresholdCounts:
    """Return the counts that follow from a sum of `probability_histogram`, (2, T)."""
    fp, tp = np.cumsum(histogram[:, ::-1], axis=1)[:, ::-1]
    return ThresholdCounts(np.linspace(0, 1, histogram.shape[1]), tp, fp, tp[0] - tp, fp[0] - fp)
