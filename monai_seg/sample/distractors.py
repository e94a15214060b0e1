"""What looks like a pneumothorax and is none: skin folds, dark apices, emphysema, shoulder blades, tubes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from monai_seg.sample.chest import Chest
from monai_seg.sample.fields import ramp, soften
from monai_seg.sample.frame import to_pixels
from monai_seg.sample.lung import Lung


def add_distractors(rng: np.random.Generator, chest: Chest, most: int) -> None:
    """Add up to ``most`` distractors of different kinds to ``chest``, in place."""
    kinds = (_add_skin_fold, _add_dark_apex, _add_emphysema, _add_shoulder_blade)
    for index in rng.permutation(len(kinds))[: int(rng.integers(0, most + 1))]:
        kinds[index](rng, chest, chest.lungs[int(rng.integers(2))])
    if rng.random() < 0.25:
        _add_tubes(rng, chest)


def _add_skin_fold(rng: np.random.Generator, chest: Chest, lung: Lung) -> None:
    """An edge down the side that is bright towards the arm and fades towards the middle; vessels cross it."""
    slant, bow = rng.uniform(-0.25, 0.1), rng.uniform(-0.12, 0.12)
    edge = rng.uniform(0.65, 0.85) * lung.lateral + slant * chest.v + bow * chest.v**2
    away = edge - lung.x(chest.u)
    fold = ramp(away, 0.012) * np.exp(-np.maximum(away, 0) / rng.uniform(0.05, 0.10))
    length = ramp(rng.uniform(0.3, 0.5) - np.abs(chest.v - rng.uniform(-0.3, 0.1)), 0.1)
    chest.extra.append(rng.uniform(0.04, 0.09) * fold * length)


def _add_dark_apex(rng: np.random.Generator, chest: Chest, lung: Lung) -> None:
    """More air towards the top, without an edge; the vessels grow fainter but stay."""
    reach = rng.uniform(0.25, 0.45)
    near = np.clip(1 - lung.height(chest.v) / reach, 0, 1) * (lung.x(chest.u) > 0)
    chest.air += rng.uniform(0.15, 0.28) * near * (chest.air > 0.3)
    chest.vessels *= 1 - 0.35 * near


def _add_emphysema(rng: np.random.Generator, chest: Chest, lung: Lung) -> None:
    """A round area of thin, airy lung: darker, its vessels pushed apart, no pleural line."""
    v0 = lung.apex + rng.uniform(0.15, 0.75) * (lung.base - lung.apex)
    x0 = rng.uniform(0.55, 0.85) * float(lung.lateral_edge(np.array([[v0]]))[0, 0])
    across, along = rng.uniform(0.09, 0.20), rng.uniform(0.12, 0.28)
    q = ((lung.x(chest.u) - x0) / across) ** 2 + ((chest.v - v0) / along) ** 2
    bulla = ramp(1 - q, 0.7).astype(np.float32) * (chest.air > 0.3)
    chest.air += rng.uniform(0.12, 0.24) * bulla
    chest.vessels *= 1 - 0.45 * bulla


def _add_shoulder_blade(rng: np.random.Generator, chest: Chest, lung: Lung) -> None:
    """The medial edge of the shoulder blade over the lung: a line along the ribs, brighter on its outer side."""
    line = lung.lateral_edge(chest.v) - rng.uniform(0.06, 0.15) - 0.1 * (chest.v - lung.apex)
    away = lung.x(chest.u) - line
    top = lung.apex + rng.uniform(0.08, 0.2)
    length = ramp(chest.v - top, 0.06) * ramp((top + rng.uniform(0.4, 0.6)) - chest.v, 0.06)
    blade = ramp(away, 0.015) * (0.6 + np.exp(-np.maximum(away, 0) / 0.015))
    chest.extra.append(rng.uniform(0.04, 0.08) * blade * length)


def _add_tubes(rng: np.random.Generator, chest: Chest) -> None:
    """One to three tubes, wires or catheters: bright curves that end anywhere."""
    size = chest.v.size
    canvas = Image.new("L", (size, size))
    pen = ImageDraw.Draw(canvas)
    along = np.linspace(0, 1, 24)
    for _ in range(int(rng.integers(1, 4))):
        ends = rng.uniform(-0.9, 0.9, (2, 2)) * (0.8, 1)
        bow = rng.uniform(-0.3, 0.3, 2)
        path = ends[0] + (ends[1] - ends[0]) * along[:, None] + np.sin(np.pi * along)[:, None] * bow
        curve = to_pixels(path, size).ravel().tolist()
        width = max(1, round(size * rng.uniform(0.003, 0.009)))
        pen.line(curve, fill=int(rng.uniform(120, 255)), width=width, joint="curve")
        if width > 3:
            pen.line(curve, fill=60, width=width - 2, joint="curve")
    chest.extra.append(0.22 * soften(canvas, size / 600))
