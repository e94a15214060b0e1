"""The outline of the two lungs: for each height an edge to the mediastinum and one to the ribs, and the diaphragm.

Right and left are the patient's: side -1 is the right lung, at the image's left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monai_seg.sample.fields import Array


@dataclass(frozen=True)
class Lung:
    """The outline of one lung, in lateral coordinates x = side * (u - spine), so that x grows towards the arm."""

    side: int
    spine: float
    apex: float  # v of the top
    base: float  # v of the costophrenic angle
    crown: float  # x of the top
    medial: float  # x of the edge to the mediastinum
    lateral: float  # x of the widest point
    power: float  # how fast the lung widens below its top
    dome: float  # height of the diaphragm over the costophrenic angle
    waves: tuple[float, float, float]  # phase and heights of the small bumps of the outline

    def x(self, u: Array) -> Array:
        """Return the lateral coordinate of ``u``."""
        return self.side * (u - self.spine)

    def height(self, v: Array, drop: float = 0.0) -> Array:
        """Return 0 at the top (lowered by ``drop``) and 1 at the base."""
        return (v - (self.apex + drop)) / (self.base - self.apex - drop)

    def lateral_edge(self, v: Array, drop: float = 0.0) -> Array:
        """Return x of the edge along the ribs, for each v; ``drop`` lowers the top, as when a lung collapses."""
        t = np.clip(self.height(v, drop), 0, 1)
        phase, first, second = self.waves
        bumps = t * (first * np.sin(5 * t + phase) + second * np.sin(11 * t + 2 * phase))
        rise = 1 - (1 - t) ** self.power
        return self.crown + (self.lateral - self.crown) * np.sqrt(np.clip(rise, 0, 1)) + bumps

    def medial_edge(self, v: Array, drop: float = 0.0) -> Array:
        """Return x of the edge along the mediastinum, for each v; both edges meet at the top."""
        t = np.clip(self.height(v, drop) / 0.28, 0, 1)
        return self.crown - (self.crown - self.medial) * np.sqrt(np.clip(1 - (1 - t) ** 2, 0, 1))

    def floor(self, u: Array) -> Array:
        """Return v of the diaphragm, for each u."""
        bow = (self.x(u) - 0.42 * self.lateral) / (0.58 * self.lateral)
        return self.base - self.dome * (1 - bow**2)

    def depth(self, u: Array, v: Array) -> Array:
        """Return how deep (S, S) points lie inside the lung; negative outside."""
        x = self.x(u)
        across = np.minimum(x - self.medial_edge(v), self.lateral_edge(v) - x)
        return np.minimum(across, np.minimum(self.floor(u) - v, v - self.apex))


def choose_lungs(rng: np.random.Generator) -> tuple[Lung, Lung]:
    """Draw the lungs of one patient: the right one, then the left one, alike but not equal."""
    spine = rng.uniform(-0.04, 0.04)
    apex, base = rng.uniform(-0.82, -0.66), rng.uniform(0.42, 0.68)
    width, power = rng.uniform(0.58, 0.74), rng.uniform(2.2, 3.4)

    def choose(side: int) -> Lung:
        return Lung(
            side=side,
            spine=spine,
            apex=apex + rng.uniform(-0.04, 0.04),
            base=base + rng.uniform(-0.04, 0.04),
            crown=rng.uniform(0.24, 0.32),
            medial=rng.uniform(0.10, 0.15),
            lateral=width * rng.uniform(0.93, 1.05),
            power=power,
            dome=rng.uniform(0.12, 0.22) + (0.04 if side < 0 else 0.0),  # the liver lifts the right diaphragm
            waves=(rng.uniform(0, 6.3), rng.uniform(-0.015, 0.015), rng.uniform(-0.006, 0.006)),
        )

    return choose(-1), choose(1)
