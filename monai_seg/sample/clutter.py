"""What lies over the skin in dermoscopy: hairs, gel bubbles, a ruler, a sticker, the dark corners of the lens."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from monai_seg.sample.fields import Array, ramp, soften


def add_clutter(rng: np.random.Generator, paint: Array, x: Array, y: Array) -> Array:
    """Return ``paint`` (3, H, W), 0 to 1, with some of the clutter over it.

    Args:
        x, y: (1, W) and (H, 1), from -1 to 1 along the longer side.
    """
    layers = (_add_sticker, 0.15), (_add_bubbles, 0.3), (_add_ruler, 0.2), (_add_hairs, 0.5), (_add_vignette, 0.45)
    for add, share in layers:
        if rng.random() < share:
            paint = add(rng, paint, x, y)
    return paint


def _add_sticker(rng: np.random.Generator, paint: Array, x: Array, y: Array) -> Array:
    colour = np.array([(0.2, 0.35, 0.75), (0.25, 0.6, 0.35), (0.85, 0.7, 0.2)][int(rng.integers(3))], dtype=np.float32)
    x0, y0 = float(rng.choice([-0.95, 0.95])), rng.uniform(-1, 1) * float(y[-1, 0])
    cover = ramp(rng.uniform(0.15, 0.3) - np.sqrt((x - x0) ** 2 + (y - y0) ** 2), 0.01)
    return paint + cover * (colour[:, None, None] - paint)


def _add_bubbles(rng: np.random.Generator, paint: Array, x: Array, y: Array) -> Array:
    canvas, pen, unit = _blank(paint)
    for _ in range(int(rng.integers(4, 25))):
        column, row = rng.uniform(0, canvas.width), rng.uniform(0, canvas.height)
        radius = rng.uniform(0.006, 0.03) * unit
        box = (column - radius, row - radius, column + radius, row + radius)
        pen.ellipse(box, outline=170, width=max(1, int(radius / 5)))
    return np.minimum(paint + 0.35 * soften(canvas, unit / 700), 1)


def _add_ruler(rng: np.random.Generator, paint: Array, x: Array, y: Array) -> Array:
    canvas, pen, unit = _blank(paint)
    upright = bool(rng.random() < 0.5)
    at = float(rng.choice([0.04, 0.93])) * (canvas.width if upright else canvas.height)
    gap = unit * rng.uniform(0.012, 0.03)
    for number in range(int(unit / gap)):
        length = unit * (0.045 if number % 10 == 0 else 0.03 if number % 5 == 0 else 0.018)
        tick = (at, number * gap, at + length, number * gap)
        pen.line(tick if upright else (tick[1], tick[0], tick[3], tick[2]), fill=255, width=max(1, round(unit / 400)))
    return paint * (1 - 0.8 * soften(canvas, unit / 700))


def _add_hairs(rng: np.random.Generator, paint: Array, x: Array, y: Array) -> Array:
    canvas, pen, unit = _blank(paint)
    along = np.linspace(0, 1, 12)[:, None]
    main = rng.uniform(0, np.pi)
    for _ in range(int(rng.integers(3, 30))):
        start = rng.uniform(-0.1, 1.1, 2) * (canvas.width, canvas.height)
        angle, bend = main + rng.normal(0, 0.4), rng.normal(0, 0.8)
        way = np.concatenate([np.cos(angle + bend * along), np.sin(angle + bend * along)], axis=1)
        path = start + along * rng.uniform(0.2, 0.7) * unit * way
        width = max(1, round(unit * rng.uniform(0.002, 0.006)))
        pen.line([tuple(point) for point in path.tolist()], fill=int(rng.uniform(150, 255)), width=width, joint="curve")
    cover = soften(canvas, unit / 700) * rng.uniform(0.7, 0.95)
    tone = np.array([0.16, 0.11, 0.09], dtype=np.float32)[:, None, None]
    return paint + cover * (tone - paint)


def _add_vignette(rng: np.random.Generator, paint: Array, x: Array, y: Array) -> Array:
    radius = rng.uniform(0.82, 1.1)
    lit = ramp(radius - np.sqrt((x - rng.uniform(-0.05, 0.05)) ** 2 + y**2), rng.uniform(0.03, 0.35))
    return paint * (0.04 + 0.96 * lit)


def _blank(paint: Array) -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
    """Return a black picture of ``paint``'s size, a pen for it, and the length of its longer side in pixels."""
    canvas = Image.new("L", (paint.shape[2], paint.shape[1]))
    return canvas, ImageDraw.Draw(canvas), max(canvas.size)
