"""How far two outlines lie apart: 95th percentile of the Hausdorff distance, and surface Dice.

The outline is the pixels of a mask that have one of their four neighbours outside of it; what lies beyond the image
counts as outside. Distances run from each pixel of one outline to the nearest of the other, in pixels.

    hd95 = max(95th percentile from prediction to truth, 95th percentile from truth to prediction)
    surface_dice = share of all outline pixels, of both, whose distance is at most the tolerance

| truth | prediction | hd95 | hd95_penalised | surface_dice |
|---|---|---|---|---|
| empty | empty | undefined | 0 | by the rule ``empty`` |
| one of them empty | | undefined | the image's diagonal | 0 |

A mean that drops what is undefined improves with each missed lesion; so the number of those stands beside hd95 wherever
it is reported, and hd95_penalised drops nothing.

Source:
    The definitions are those of `monai.metrics.compute_hausdorff_distance` (percentile=95) and `compute_surface_dice`,
    which give float32, warn of each empty mask, and each find the same distances anew.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from monai_seg.metrics.overlap import empty_score

Mask = NDArray[np.bool_]  # (H, W)
PERCENTILE = 95
SURFACE_SCORES = ("hd95", "hd95_penalised", "surface_dice")


def surface_scores(pred: Mask, label: Mask, *, tolerance_px: float = 2.0, empty: str = "one") -> dict[str, float]:
    """Return the `SURFACE_SCORES` by name.

    Args:
        pred, label: one class of one image.
        tolerance_px: up to where an outline counts as right.
        empty: surface_dice where both are empty: "one", "zero" or "nan".

    Raises:
        ValueError: the shapes differ, or there is no such rule.
    """
    if pred.shape != label.shape:
        raise ValueError(f"pred {pred.shape} and label {label.shape} differ in shape")
    both_empty = empty_score(empty)
    found, there = bool(pred.any()), bool(label.any())
    if not (found or there):
        return dict(zip(SURFACE_SCORES, (math.nan, 0.0, both_empty), strict=True))
    if not (found and there):
        return dict(zip(SURFACE_SCORES, (math.nan, math.hypot(*pred.shape), 0.0), strict=True))
    distances = surface_distances(pred, label)
    hd95 = max(float(np.percentile(one_way, PERCENTILE)) for one_way in distances)
    near = sum(np.count_nonzero(one_way <= tolerance_px) for one_way in distances)
    return dict(zip(SURFACE_SCORES, (hd95, hd95, near / sum(map(len, distances))), strict=True))


def surface_distances(pred: Mask, label: Mask) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the distances from prediction to truth and from truth to prediction; neither mask may be empty."""
    both = pred | label
    rows, columns = np.flatnonzero(both.any(axis=1)), np.flatnonzero(both.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]  # all that matters lies in here
    found, truth = outline(pred[box]), outline(label[box])
    return distance_transform_edt(~truth)[found], distance_transform_edt(~found)[truth]


def outline(mask: Mask) -> Mask:
    """Return the pixels of ``mask`` (H, W) of whose four neighbours one is outside of it."""
    wide = np.pad(mask, 1)
    return mask & ~(wide[2:, 1:-1] & wide[:-2, 1:-1] & wide[1:-1, 2:] & wide[1:-1, :-2])
