"""The coordinates in which patients are drawn, and the way from there to pixels.

u runs to the image's right (the patient's left) and v downwards, both from -1 to 1 over the visible film. Layers are
drawn on a frame that reaches `REACH` beyond it, so that a tilted view still has anatomy in its corners. u is an array
(1, S) and v is (S, 1): what depends on one of them alone costs next to nothing.
"""

from __future__ import annotations

import numpy as np

from monai_seg.sample.fields import Array

REACH = 1.22  # half width of the drawn frame, in half widths of the film


def frame(size: int) -> tuple[Array, Array]:
    """Return u (1, size) and v (size, 1) of the pixel centres, float32."""
    line = ((np.arange(size, dtype=np.float32) + 0.5) / size * 2 - 1) * REACH
    return line[None, :], line[:, None]


def to_pixels(points: Array, size: int) -> Array:
    """Return where ``points`` (..., 2) given as (u, v) lie on a frame of ``size`` pixels: (..., 2) as (column, row)."""
    return (points / REACH + 1) * (size / 2)
