"""MONAI's Resized in numpy: Gaussian smoothing where it shrinks, then bilinear between pixel centres.

Source:
    monai.transforms.spatial.functional.resize and monai.networks.layers.convutils.gaussian_1d of MONAI 1.6.1, and
    torch.nn.functional.interpolate with align_corners=False. The order of roundings is torch's on x86 processors, so
    that hardly a level that lies on an edge is rounded another way; what is smoothed may differ in last bits.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TRUNCATED = 4.0  # standard deviations
HALF_ROOT = np.float32(0.70710678)


def resize(image: NDArray, size: tuple[int, int], smooth: bool) -> Floats:
    """Return ``image`` (C, H, W) at ``size`` (H, W), smoothed first where ``smooth`` and a side shrinks."""
    image = image.astype(np.float32)
    if image.shape[1:] == tuple(size):
        return image
    if smooth and any(new < old for new, old in zip(size, image.shape[1:], strict=True)):
        for axis in (1, 2):
            factor = np.float32(image.shape[axis]) / np.float32(size[axis - 1])
            image = _smooth(image, max(np.float32(0), (factor - np.float32(1)) / np.float32(2)), axis)
    return _interpolate(image, size)


def _smooth(image: Floats, sigma: np.float32, axis: int) -> Floats:
    """Filter along ``axis`` with zeros beyond the edges, as MONAI does."""
    if sigma == 0:
        return image
    kernel = _kernel(sigma)
    tail = len(kernel) // 2
    edge = [(tail, tail) if i == axis else (0, 0) for i in range(3)]
    padded = np.moveaxis(np.pad(image, edge), axis, -1)
    total: Floats = np.zeros((*padded.shape[:-1], image.shape[axis]), np.float32)
    for i, weight in enumerate(kernel):
        total = _fused(weight, padded[..., i:i + image.shape[axis]], total)
    return np.moveaxis(total, -1, axis)


def _kernel(sigma: np.float32) -> Floats:
    """The share of a Gaussian in each pixel, in float32 at each step as torch computes it."""
    tail = int(max(float(sigma) * TRUNCATED, 0.5) + 0.5)
    place, scale = np.arange(-tail, tail + 1, dtype=np.float32), HALF_ROOT / sigma
    upper, lower = ([np.float32(math.erf(edge)) for edge in scale * (place + shift)]
                    for shift in (np.float32(0.5), np.float32(-0.5)))
    return np.maximum(np.float32(0.5) * np.subtract(upper, lower), np.float32(0))


def _interpolate(image: Floats, size: tuple[int, int]) -> Floats:
    """Interpolate with torch's own order of roundings, so that not even a level on the edge is rounded another way."""
    top, bottom, above, below = (side.reshape(-1, 1) for side in _neighbours(image.shape[1], size[0]))
    left, right, before, after = _neighbours(image.shape[2], size[1])
    total = above * after * image[:, top, right]
    for weight, pixels in ((above * before, image[:, top, left]), (below * before, image[:, bottom, left]),
                           (below * after, image[:, bottom, right])):
        total = _fused(weight, pixels, total)
    return total


def _neighbours(old: int, new: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """Return the pixels on both sides of each new one along an axis, and their shares."""
    scale, middle = np.float32(old) / np.float32(new), np.arange(new, dtype=np.float32) + np.float32(0.5)
    place = np.maximum(_fused(scale, middle, np.float32(-0.5)), np.float32(0))
    low = np.minimum(place.astype(np.int64), old - 1)
    share = np.clip(place - low.astype(np.float32), 0, 1).astype(np.float32)
    return low, np.minimum(low + 1, old - 1), np.float32(1) - share, share


def _fused(a: Floats | np.float32, b: Floats, c: Floats | np.float32) -> Floats:
    """Return ``a * b + c``, rounded once."""
    return (np.multiply(a, b, dtype=np.float64) + c).astype(np.float32)
