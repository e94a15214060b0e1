"""Ribs, spine and shoulders, as attenuation over the soft tissue."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from monai_seg.sample.fields import Array, ramp, soften
from monai_seg.sample.frame import to_pixels
from monai_seg.sample.lung import Lung


def draw_ribs(rng: np.random.Generator, u: Array, v: Array, lungs: tuple[Lung, Lung]) -> Array:
    """Return the ribs behind, the fainter ones in front, and the bright rim where the cage is seen edge on."""
    spine, right = lungs[0].spine, lungs[0]
    x = np.abs(u - spine)
    gap = (right.base - right.apex) / rng.uniform(7.6, 9.2)  # between two ribs of one side
    cage = np.maximum(*(np.where(lung.x(u) > 0, lung.lateral_edge(v), 0) for lung in lungs)) + 0.035
    inside = ramp(cage - x, 0.03)
    top = ramp(v - (right.apex - 0.02), 0.06)

    back = rng.uniform(0.5, 0.9) * x**2 - rng.uniform(0.25, 0.40) * x  # up from the spine, then down to the side
    behind = _rib_pattern((v - back * (1 + 0.3 * v)) / gap + rng.uniform(0, 1), rng.uniform(0.17, 0.24))
    front = rng.uniform(0.55, 0.85) * (0.6 - x)  # front ribs fall towards the middle
    before = _rib_pattern((v - front) / (gap * 1.1) + rng.uniform(0, 1), 0.25)
    before *= ramp(x - 0.22, 0.15) * ramp(right.base - 0.2 - v, 0.3)
    rim = np.exp(-((((cage - 0.012) - x) / 0.016) ** 2)) * 0.07
    strength = rng.uniform(0.05, 0.11)
    fade = 1 - 0.7 * ramp(v - (right.base - 0.1), 0.4)
    return top * fade * (inside * (strength * behind + 0.5 * strength * before) + rim)


def _rib_pattern(phase: Array, half: float) -> Array:
    """Return ribs at whole numbers of ``phase``, each 2 * ``half`` wide, with the brighter edges of their cortex."""
    away = np.abs(phase - np.rint(phase)).astype(np.float32)
    return ramp(half - away, 0.06) * (0.7 + 0.5 * (away / half) ** 4)


def draw_spine(rng: np.random.Generator, u: Array, v: Array, spine: float) -> Array:
    """Return the column of vertebrae."""
    x = np.abs(u - spine)
    vertebra = 0.75 + 0.25 * np.cos(v * (2 * np.pi / rng.uniform(0.13, 0.17)))
    column = ramp(0.075 - x, 0.03) * vertebra
    return rng.uniform(0.08, 0.16) * column


def draw_shoulders(rng: np.random.Generator, size: int, lungs: tuple[Lung, Lung]) -> Array:
    """Return clavicles, shoulder blades and the heads of the arms."""
    canvas = Image.new("L", (size, size))
    thick = max(1, round(rng.uniform(0.018, 0.026) * size))
    for lung in lungs:
        _draw_shoulder(rng, ImageDraw.Draw(canvas), size, lung, thick)
    return soften(canvas, size / 300) * rng.uniform(0.16, 0.27)


def _draw_shoulder(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: int, lung: Lung, thick: int) -> None:
    def place(points: list[tuple[float, float]]) -> list[float]:  # (x, v below the apex), from the spine and outwards
        return to_pixels(np.array(points) * (lung.side, 1) + (lung.spine, lung.apex), size).ravel().tolist()

    edge = 0.60 + rng.uniform(-0.03, 0.03)
    blade = [(edge + 0.06, -0.02), (edge, 0.12), (edge + 0.02, 0.40), (edge + 0.08, 0.56), (0.80, 0.3), (0.9, 0.0)]
    pen.polygon(place(blade), fill=70)
    pen.line(place(blade[:4]), fill=110, width=max(1, thick // 3), joint="curve")
    left, top, right, bottom = place([(0.84, -0.03), (1.02, 0.17)])
    pen.ellipse((min(left, right), top, max(left, right), bottom), fill=150)
    rise, bend = rng.uniform(-0.10, 0.02), rng.uniform(0.02, 0.06)
    along = np.linspace(0, 1, 12)
    sweep = 0.13 + 0.05 * (1 - along) + rise * along - bend * np.sin(2 * np.pi * along)
    clavicle = list(zip((0.07 + 0.78 * along).tolist(), sweep.tolist(), strict=True))
    pen.line(place(clavicle), fill=190, width=thick, joint="curve")
