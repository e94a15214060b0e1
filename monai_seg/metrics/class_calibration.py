"""Whether a classifier is as sure as it is right: of the images called with 0.7, do seven of ten get their class?

    confidence = probability of the most probable class;  right = whether that is the image's own
    ECE = sum over bins of (images in bin / all images) * |mean confidence - share that is right|

This is the top-label calibration error. Each image lies in one bin, so a handful of images fill few of them: read the
number beside its interval. With K classes no confidence lies below 1 / K.

Source:
    Guo et al. 2017, https://arxiv.org/abs/1706.04599; bins as in calibration.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.bootstrap import Values
from monai_seg.metrics.calibration import BINS
from monai_seg.metrics.overlap import divide

ROUNDING = 1e-6  # a float32 softmax may give 1 + 1e-7


def top_label_bins(probability: Values, truth: NDArray[np.integer], bins: int = BINS) -> Values:
    """Return, for each image, a 1 in the bin of its confidence, the confidence there, and a 1 there if it is right.

    `monai_seg.metrics.calibration.expected_calibration_error` makes the ECE of their sum.

    Args:
        probability: of each class; an image with NaN is in no bin.
        truth: class ids, or -1 where unknown: in no bin.
        bins: of equal width, open below and closed above.

    Shape:
        probability: (N, K).  truth: (N,).  Result: (N, 3, bins).

    Raises:
        ValueError: a value is no probability.
    """
    known = np.flatnonzero((truth >= 0) & ~np.isnan(probability).any(axis=1))
    values = probability[known]
    if not are_probabilities(values):
        raise ValueError(f"probability must lie in [0, 1], got {values.min()} to {values.max()}")
    confidence, right = values.max(axis=1, initial=0), values.argmax(axis=1) == truth[known]
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
    sums = np.zeros((len(probability), 3, bins))
    for row, value in enumerate((1.0, confidence, right)):
        sums[known, row, place] = value
    return sums


def are_probabilities(values: NDArray) -> bool:
    """Return whether all ``values`` lie in [0, 1], but for rounding; false for NaN."""
    return bool(np.all((values >= -ROUNDING) & (values <= 1 + ROUNDING)))


def class_reliability_table(sums: Values) -> list[dict[str, Any]]:
    """Return a row per bin: its limits, images, mean confidence and share that is right; ``sums`` (3, bins)."""
    limits = np.linspace(0, 1, sums.shape[1] + 1)
    confidence, right = divide(sums[1], sums[0]), divide(sums[2], sums[0])
    return [{"above": float(limits[i]), "up_to": float(limits[i + 1]), "images": int(sums[0, i]),
             "confidence": float(confidence[i]), "right": float(right[i])} for i in range(sums.shape[1])]
