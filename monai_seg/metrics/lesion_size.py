"""Small, medium and large lesions: terciles of the positive images, so that each third has as many as can be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

NAMES = ("small", "medium", "large")


class SizeGroups(NamedTuple):
    """Which cases are of which size.

    Args:
        members: by name, whether each case belongs to it, (N,).
        small_max_px, medium_max_px: the largest area that still is small, and medium; NaN without any lesion.
    """

    members: dict[str, NDArray[np.bool_]]
    small_max_px: float
    medium_max_px: float


def size_groups(areas_px: ArrayLike) -> SizeGroups:
    """Return the thirds of those cases whose lesion has an area; equal areas stay together.

    The limits are areas that occur: the smallest under or at which a third, and two thirds, of the positives lie. So
    groups are of unequal size where areas repeat, and empty where there are fewer than three positives.

    Shape:
        areas_px: (N,) area of the lesion, 0 where there is none.
    """
    areas = np.asarray(areas_px, np.float64)
    positive = areas > 0
    if not positive.any():
        return SizeGroups(dict.fromkeys(NAMES, positive), np.nan, np.nan)
    small, medium = np.quantile(areas[positive], (1 / 3, 2 / 3), method="inverted_cdf")
    members = (positive & (areas <= small), (areas > small) & (areas <= medium), areas > medium)
    return SizeGroups(dict(zip(NAMES, members, strict=True)), float(small), float(medium))


def size_names(areas_px: ArrayLike) -> list[str | None]:
    """Return the name of each case's group, None where there is no lesion; as `size_groups` has them."""
    groups = size_groups(areas_px).members
    return [next((name for name, member in groups.items() if member[i]), None) for i in range(np.size(areas_px))]
