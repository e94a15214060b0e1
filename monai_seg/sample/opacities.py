"""Pneumonia on the chest X-ray: what fills the air spaces is brighter than lung, and each cause has its own pattern.

Every function changes the chest in place and returns the (S, S) cover, 0 to 1, of what it added.
"""

from __future__ import annotations

import numpy as np

from monai_seg.sample.chest import Chest
from monai_seg.sample.fields import Array, ramp, smooth_noise
from monai_seg.sample.lung import Lung


def add_ground_glass(rng: np.random.Generator, chest: Chest) -> Array:
    """COVID-19: hazy patches in both lungs, near the ribs and in the lower half, through which vessels still show."""
    size = chest.v.size
    ragged = smooth_noise(rng, size, size, 22) + smooth_noise(rng, size, size, 9)
    patches = np.zeros((size, size), dtype=np.float32)
    for lung, cover in zip(chest.lungs, chest.cover, strict=True):
        count = int(rng.integers(1, 4))
        near = np.max([_patch(rng, chest, lung, 0.62, 0.92, 0.35, 0.78) for _ in range(count)], axis=0)
        patches = np.maximum(patches, ramp(near + 0.16 * ragged, 0.12) * cover)
    haze = rng.uniform(0.75, 1.0) + 0.12 * smooth_noise(rng, size, size, 60)
    chest.extra.append(rng.uniform(0.13, 0.20) * patches * haze)
    chest.vessels *= 1 - 0.4 * patches
    return patches


def add_consolidation(rng: np.random.Generator, chest: Chest) -> Array:
    """Pneumonia of one lobe: one dense opacity in one lung, cut off sharply by a fissure, vessels drowned in it."""
    which = int(rng.integers(2))
    lung, size = chest.lungs[which], chest.v.size
    ragged = smooth_noise(rng, size, size, 14)
    upper = bool(rng.random() < 0.4)
    heights = (0.10, 0.35) if upper else (0.55, 0.85)
    near = _patch(rng, chest, lung, 0.40, 0.75, *heights, least=0.22, most=0.34)
    middle = lung.apex + (0.45 if upper else 0.50) * (lung.base - lung.apex)
    fissure = middle + rng.uniform(-0.15, 0.15) * lung.x(chest.u)
    side = ramp((fissure - chest.v) * (1 if upper else -1), 0.02)
    lobe = ramp(near + 0.12 * ragged, 0.3) * side * chest.cover[which]
    chest.extra.append(rng.uniform(0.16, 0.26) * lobe)
    chest.vessels *= 1 - 0.8 * lobe
    return lobe


def add_streaks(rng: np.random.Generator, chest: Chest) -> Array:
    """Viral pneumonia: both lungs full of coarse streaks around the hila, without patches of their own outline."""
    size = chest.v.size
    net = 1 - np.abs(smooth_noise(rng, size, size, 34))  # the zero lines of noise make a net
    lungs = chest.cover.sum(axis=0)
    middle = 0.5 * (chest.lungs[0].apex + chest.lungs[0].base)
    distance = np.sqrt((np.abs(chest.u) - 0.2) ** 2 + (0.7 * (chest.v - middle)) ** 2)
    around = np.clip(1.25 - distance / 0.5, 0, 1) * lungs
    chest.extra.append(rng.uniform(0.10, 0.16) * np.clip(net, 0, 1) ** 2 * around)
    chest.extra.append(0.05 * around)
    return around


def _patch(
    rng: np.random.Generator,
    chest: Chest,
    lung: Lung,
    inner: float,
    outer: float,
    top: float,
    bottom: float,
    least: float = 0.13,
    most: float = 0.26,
) -> Array:
    """Return 1 at the middle of a random ellipse, 0 on its rim, negative outside; never below -1.

    Its middle lies between ``inner`` and ``outer`` of the way to the ribs and ``top`` and ``bottom`` of the height.
    """
    v0 = lung.apex + rng.uniform(top, bottom) * (lung.base - lung.apex)
    x0 = rng.uniform(inner, outer) * float(lung.lateral_edge(np.array(v0)))
    across, along = rng.uniform(least, most), rng.uniform(least, most) * 1.2
    q = ((lung.x(chest.u) - x0) / across) ** 2 + ((chest.v - v0) / along) ** 2
    return np.maximum(1 - q, -1).astype(np.float32)
