"""The anatomy of a frontal chest X-ray, as layers of attenuation (bright on the film) in the coordinates of `frame`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from monai_seg.sample.fields import Array, ramp
from monai_seg.sample.frame import frame
from monai_seg.sample.lung import Lung, choose_lungs
from monai_seg.sample.skeleton import draw_ribs, draw_shoulders, draw_spine
from monai_seg.sample.vessels import draw_vessels


@dataclass
class Chest:
    """One patient's chest as layers on the frame, each (S, S) float32; `attenuation` adds them up.

    Args:
        soft: skin, muscle, mediastinum, heart and belly.
        air: 0 to 1, how much air the beam crosses.
        vessels: 0 to 1, the vessels and the fine texture of the lung.
        bone: ribs, spine, clavicles and shoulder.
        lungs: the two outlines, the patient's right first.
        cover: (2, S, S), 1 inside each lung and 0 outside, heart and mediastinum cut out.
    """

    u: Array
    v: Array
    soft: Array
    air: Array
    vessels: Array
    bone: Array
    lungs: tuple[Lung, Lung]
    cover: Array
    extra: list[Array] = field(default_factory=list)

    def attenuation(self) -> Array:
        """Return the sum of the layers; about 0 beside the body, 0.3 in the lungs and 1 over the spine."""
        total = self.soft - 0.36 * self.air + 0.20 * self.vessels * self.air + self.bone
        for layer in self.extra:
            total += layer
        return total


def draw_chest(rng: np.random.Generator, size: int) -> Chest:
    """Draw one patient on a frame of ``size`` x ``size`` pixels.

    Returns:
        the layers. The same generator state gives the same anatomy at every size.
    """
    u, v = frame(size)
    lungs = choose_lungs(rng)
    depths = [lung.depth(u, v) for lung in lungs]
    soft, heart = _draw_soft_tissue(rng, u, v, lungs)
    cover = np.stack([ramp(depth, 0.02) * (1 - heart) for depth in depths])
    deep = np.clip(np.maximum(*depths) / 0.14, 0, 1)
    air = cover.sum(axis=0) * (1 - 0.35 * (1 - deep) ** 2)
    bone = draw_ribs(rng, u, v, lungs) + draw_spine(rng, u, v, lungs[0].spine) + draw_shoulders(rng, size, lungs)
    vessels = draw_vessels(rng, size, lungs)
    return Chest(u, v, soft, air, vessels, bone, lungs, cover)


def _draw_soft_tissue(rng: np.random.Generator, u: Array, v: Array, lungs: tuple[Lung, Lung]) -> tuple[Array, Array]:
    """Return the attenuation of all soft tissue and the cover (0 to 1) of the heart."""
    spine, wide = lungs[0].spine, max(lung.lateral for lung in lungs)
    torso, arms = wide + rng.uniform(0.10, 0.22), rng.uniform(1.0, 1.35)
    knots = [-1.22, -0.98, -0.90, -0.83, -0.78, -0.70, -0.55, -0.25, 0.10, 0.6, 1.22]
    shoulders = [0.27, 0.29, 0.36, 0.56, 0.78, arms - 0.1, arms + 0.05]
    widths = shoulders + [max(torso + 0.03, arms - 0.05), torso, torso, torso + 0.05]
    half = np.interp(v, knots, widths).astype(np.float32)
    x = np.abs(u - spine)
    inside = np.clip((half - x) / half, 0, 1)
    body = ramp(half - x, 0.03) * (0.42 + 0.24 * np.sqrt(inside))
    trachea = np.exp(-((x / 0.035) ** 2)) * ramp(-0.28 - v, 0.08) * 0.10
    left = lungs[1]
    belly = ramp(v - (left.base - 0.5 * left.dome), 0.3) * rng.uniform(0.08, 0.25)
    diaphragm = np.minimum(*(lung.floor(u) for lung in lungs))
    heart = _draw_heart(rng, u, v, left) * ramp(diaphragm + 0.06 - v, 0.14)
    return body * (1 + belly) - trachea + rng.uniform(0.16, 0.26) * heart, heart


def _draw_heart(rng: np.random.Generator, u: Array, v: Array, left: Lung) -> Array:
    """Return the silhouette of great vessels and heart: one border to each side of the spine, for each v."""
    bottom = left.base - 0.45 * left.dome
    top = bottom - rng.uniform(0.62, 0.78)
    s = np.clip((v - top) / (bottom - top), 0, 1)
    swell = np.sin((np.pi * 0.74) * s ** rng.uniform(1.2, 1.6)) ** 1.3
    knob = np.exp(-(((v - (top + 0.02 - rng.uniform(0.02, 0.08))) / 0.07) ** 2))
    thin = rng.uniform(0.09, 0.12)
    to_left = thin + rng.uniform(0.02, 0.07) * knob + rng.uniform(0.17, 0.32) * swell
    to_right = thin + rng.uniform(0.04, 0.10) * swell
    x = u - left.spine
    return ramp(np.minimum(to_left - x, to_right + x), 0.045)
