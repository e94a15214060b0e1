"""Air between lung and chest wall: a cap over the apex, a crescent along the ribs, or both.

The lung keeps its outline (`Lung`) and collapses inside it: its top sinks and its lateral edge draws back. What lies
between the old outline and the new one is the pneumothorax: darker, without vessels, behind a thin bright pleural line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from monai_seg.sample.chest import Chest
from monai_seg.sample.fields import Array, ramp
from monai_seg.sample.frame import frame
from monai_seg.sample.lung import Lung

COARSE = 144  # pixels per side of the grid on which sizes are measured
KINDS = {"apical": (0.05, 0.22), "lateral": (0.045, 0.30), "whole": (0.14, 0.36)}  # least and most share of the lung


@dataclass(frozen=True)
class Collapse:
    """How far one lung has drawn back.

    Args:
        kind: where the air is, one of `KINDS`.
        amount: 0 none, 1 the most that is drawn; the area grows with it.
        centre: height (0 apex, 1 base) where a lateral crescent is thickest.
        reach: how far down a cap or how far up and down a crescent goes at ``amount`` 1, in heights of the lung.
    """

    kind: str
    amount: float
    centre: float
    reach: float

    def space(self, lung: Lung, u: Array, v: Array) -> Array:
        """Return how far (S, S) points lie outside the collapsed lung, in x; negative inside it."""
        x, t = lung.x(u), np.clip(lung.height(v), 0, 1)
        drop, drawn = self._drop(lung), self._drawn_back(t)
        lateral = lung.lateral_edge(v, drop) - drawn
        if self.kind == "apical":
            rejoin = np.clip((t - self._reach()) / 0.2, 0, 1)
            lateral += (lung.lateral_edge(v) - lateral) * rejoin
        return np.maximum(x - lateral, lung.medial_edge(v, drop) - x if drop else -1)

    def _reach(self) -> float:
        return self.reach * (0.4 + 0.6 * self.amount**0.5)  # small ones are short and thick, not long and thin

    def _drop(self, lung: Lung) -> float:
        """Return by how much v the top sinks."""
        height = lung.base - lung.apex
        return {"lateral": 0.0, "apical": 0.30 * self.amount**0.5, "whole": 0.24 * self.amount}[self.kind] * height

    def _drawn_back(self, t: Array) -> Array:
        """Return by how much x the lateral edge draws back at heights ``t``."""
        reach = self._reach()
        if self.kind == "lateral":
            return 0.34 * self.amount * np.clip(1 - ((t - self.centre) / reach) ** 2, 0, 1)
        if self.kind == "apical":
            return 0.12 * self.amount * np.clip(1 - t / reach, 0, 1)
        return 0.30 * self.amount * (0.45 + 0.55 * (1 - t)) * np.clip((1 - t) / 0.2, 0, 1)


def choose_collapse(rng: np.random.Generator, lungs: tuple[Lung, Lung]) -> tuple[int, Collapse]:
    """Draw which of ``lungs`` (index) collapses and how.

    The air's share of that lung's area is drawn first, small ones as often as large ones; the amount that gives it is
    then found by halving on a coarse grid. A kind that cannot take up so much is drawn at its most.
    """
    which = int(rng.integers(2))
    kind = str(rng.choice(list(KINDS), p=(0.4, 0.3, 0.3)))
    share = np.exp(rng.uniform(*np.log(KINDS[kind])))
    start = Collapse(kind, 1.0, rng.uniform(0.35, 0.65), rng.uniform(0.30, 0.45))
    u, v = frame(COARSE)
    inside = lungs[which].depth(u, v) > 0
    low, high = 0.0, 1.0
    for _ in range(8):
        middle = replace(start, amount=(low + high) / 2)
        got = (inside & (middle.space(lungs[which], u, v) > 0)).sum() / max(1, inside.sum())
        low, high = (middle.amount, high) if got < share else (low, middle.amount)
    return which, replace(start, amount=high)


def add_pneumothorax(rng: np.random.Generator, chest: Chest, which: int, collapse: Collapse) -> Array:
    """Let lung ``which`` of ``chest`` collapse, in place; return the (S, S) cover, 0 to 1, of the air outside it."""
    lung, size = chest.lungs[which], chest.v.size
    pixel = float(chest.v[1, 0] - chest.v[0, 0])
    space = collapse.space(lung, chest.u, chest.v).astype(np.float32)
    outside = ramp(space, 2 * pixel)
    free = outside * chest.cover[which]
    lung_left = chest.cover[which] * (1 - outside)

    chest.vessels *= 1 - free
    chest.air += rng.uniform(0.16, 0.30) * free
    shrunk = min(1.0, 2.0 * collapse.amount) * rng.uniform(0.06, 0.14)
    chest.air -= shrunk * lung_left  # the same tissue in less room
    pleura = _widen(ramp(free - 0.5, 0.5), max(1, round(size / 300))) * lung_left  # not where lung meets chest wall
    chest.extra.append(rng.uniform(0.06, 0.12) * pleura)
    return free


def _widen(cover: Array, pixels: int) -> Array:
    """Return ``cover`` with its regions grown by ``pixels`` in the four directions."""
    return np.maximum.reduce([np.roll(cover, step, axis) for axis in (0, 1) for step in (-pixels, pixels)])
