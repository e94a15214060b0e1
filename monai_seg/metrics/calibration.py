"""Whether probabilities mean what they say: of the pixels called 0.7, are seven of ten foreground?

    ECE = sum over bins of (pixels in bin / all pixels) * |mean probability - share of foreground|

Each case leaves its three sums per bin and no pixel, so memory does not grow with the images' size. Most pixels are
background and sure of it; read the table beside the one number.

Source:
    Naeini et al. 2015, https://doi.org/10.1609/aaai.v29i1.9602; bins of equal width, open below and closed above, as
    `sklearn.calibration.calibration_curve` has them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.bootstrap import Values
from monai_seg.metrics.overlap import divide

BINS = 15


def calibration_bins(probability: NDArray, truth: NDArray[np.bool_], bins: int = BINS) -> Values:
    """Return pixels, sum of probabilities and number of foreground pixels in each bin of one case, (3, bins).

    Shape:
        probability, truth: equal shapes; the probability of foreground, and whether it is.

    Raises:
        ValueError: the shapes differ, or a value is no probability.
    """
    if probability.shape != truth.shape:
        raise ValueError(f"probability {probability.shape} and truth {truth.shape} differ in shape")
    if not np.all((probability >= 0) & (probability <= 1)):
        raise ValueError(f"probability must lie in [0, 1], got {probability.min()} to {probability.max()}")
    flat = probability.ravel().astype(np.float64)
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], flat)
    sums = [np.bincount(place, weights, minlength=bins) for weights in (None, flat, truth.ravel().astype(np.float64))]
    return np.stack(sums).astype(np.float64)


def expected_calibration_error(sums: Values) -> Values:
    """Return the ECE of sums of `calibration_bins`, (..., 3, bins) -> (...); NaN where there is no pixel."""
    gap = np.abs(sums[..., 1, :] - sums[..., 2, :]).sum(axis=-1)  # each bin's count cancels
    return divide(gap, sums[..., 0, :].sum(axis=-1))


def reliability_table(sums: Values) -> list[dict[str, Any]]:
    """Return a row per bin: its limits, pixels, mean probability and share of foreground; ``sums`` (3, bins)."""
    limits = np.linspace(0, 1, sums.shape[1] + 1)
    mean, share = divide(sums[1], sums[0]), divide(sums[2], sums[0])
    return [{"above": float(limits[i]), "up_to": float(limits[i + 1]), "pixels": int(sums[0, i]),
             "probability": float(mean[i]), "foreground": float(share[i])} for i in range(sums.shape[1])]
