"""Pictures and masks that small data sets are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def disc(place: int, value: int = 255, size: tuple[int, int] = (48, 64), inner: int | None = None) -> NDArray[np.uint8]:
    """A mask of 0 and ``value`` with a disc whose place and radius depend on ``place``; ``inner`` fills its middle."""
    rows, columns = np.ogrid[: size[0], : size[1]]
    centre, radius = (16 + place * 5 % 17, 16 + place * 7 % 31), 8 + place % 5
    distance = np.hypot(rows - centre[0], columns - centre[1])
    mask = np.where(distance < radius, value, 0).astype(np.uint8)
    if inner is not None:
        mask[distance < radius / 2] = inner
    return mask


def picture(mask: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """A grey picture in which the mask is bright, with grain."""
    grain = np.random.default_rng(seed).normal(0, 12, mask.shape)
    return np.clip(60 + 120 * (mask > 0) + grain, 0, 255).astype(np.uint8)
