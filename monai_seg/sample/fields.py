"""Random fields and soft steps: the paint of the synthetic twins.

Broad blurs are never computed at full size: smooth noise is drawn on a coarse grid and enlarged, which costs the same
for every smoothness.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

Array = np.ndarray


def make_rng(*key: int) -> np.random.Generator:
    """Return the generator of ``key``: equal keys give equal draws, whatever was drawn before from other keys."""
    return np.random.default_rng(np.random.SeedSequence(key))


def ramp(distance: Array, softness: float) -> Array:
    """Return 0 where ``distance`` <= -softness/2, 1 where it is >= softness/2, and a straight line between."""
    return np.clip(distance / softness + 0.5, 0, 1)


def resize_field(field: Array, height: int, width: int) -> Array:
    """Return ``field`` enlarged to (height, width) float32 by cubic interpolation."""
    return np.asarray(Image.fromarray(field.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC))


def smooth_noise(rng: np.random.Generator, height: int, width: int, cells: float) -> Array:
    """Return (height, width) float32 noise of mean 0 and deviation about 1 with ``cells`` bumps along the longer side.

    The coarse grid depends on ``cells`` and the aspect ratio only, so one seed gives one picture at every size.
    """
    side = max(height, width)
    rows, columns = (max(4, round(cells * length / side)) for length in (height, width))
    coarse = rng.standard_normal((rows, columns), dtype=np.float32)
    return resize_field(coarse, height, width) * 1.3  # cubic interpolation takes about a quarter off


def soften(canvas: Image.Image, radius: float) -> Array:
    """Return the grey picture ``canvas``, 0 to 255, as float32 0 to 1, its edges blurred over ``radius`` pixels."""
    return np.asarray(canvas.filter(ImageFilter.BoxBlur(radius)), dtype=np.float32) / 255


def white_noise(rng: np.random.Generator, height: int, width: int) -> Array:
    """Return (height, width) float32 pixel noise of mean 0 and deviation 1."""
    return rng.standard_normal((height, width), dtype=np.float32)
