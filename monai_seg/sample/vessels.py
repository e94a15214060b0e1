"""The vessels of the lungs: trees that branch from each hilum, over a fine texture."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from monai_seg.sample.fields import Array, smooth_noise, soften
from monai_seg.sample.frame import to_pixels
from monai_seg.sample.lung import Lung

TRUNKS, LEVELS = 13, 4  # branches that leave a hilum, and generations drawn


def draw_vessels(rng: np.random.Generator, size: int, lungs: tuple[Lung, Lung]) -> Array:
    """Return (size, size) float32, about 0 between the vessels and at most about 1 on the trunks."""
    canvas = Image.new("L", (size, size))
    for lung in lungs:
        _draw_tree(rng, ImageDraw.Draw(canvas), size, lung)
    texture = 0.5 * smooth_noise(rng, size, size, 80) + smooth_noise(rng, size, size, 40)
    return soften(canvas, size / 430) + 0.10 * texture


def _draw_tree(rng: np.random.Generator, pen: ImageDraw.ImageDraw, size: int, lung: Lung) -> None:
    hilum = 0.5 * (lung.apex + lung.base)
    start = np.column_stack([rng.uniform(0.13, 0.20, TRUNKS), hilum + rng.uniform(-0.10, 0.08, TRUNKS)])
    angle = np.linspace(-1.35, 1.45, TRUNKS) + rng.uniform(-0.12, 0.12, TRUNKS)
    length, width = rng.uniform(0.22, 0.34, TRUNKS), rng.uniform(0.012, 0.022, TRUNKS)
    for level in range(LEVELS):
        steps = np.linspace(0, 1, 4)[:, None]
        heading = angle + rng.uniform(-0.35, 0.35, len(start)) * steps
        way = np.stack([np.cos(heading), np.sin(heading) * 1.15], axis=-1)
        path = start + (steps * length)[..., None] * way  # (4, N, 2) as (x, v)
        lines = to_pixels(path * (lung.side, 1) + (lung.spine, 0), size).swapaxes(0, 1).reshape(len(start), 8).tolist()
        tone = int(230 * 0.80**level)
        for line, thick in zip(lines, np.rint(width * size / 2).astype(int).tolist(), strict=True):
            pen.line(line, fill=tone, width=max(1, thick))
        fork = rng.uniform(0.25, 0.6, len(start))
        side_branch = fork * rng.choice([-1, 1], len(start))
        forks = 3 if level < 2 else 2  # the first two generations also branch halfway
        start, angle = np.concatenate(path[:0:-1][:forks]), np.tile(heading[-1], forks)
        angle += np.concatenate([fork, -fork, side_branch][:forks])
        length, width = np.tile(length, forks) * rng.uniform(0.5, 0.8, len(start)), np.tile(width, forks) * 0.66
