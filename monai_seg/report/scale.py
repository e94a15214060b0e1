"""Where a value lies on an axis, and which round values are written beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Scale:
    """An axis from ``low`` to ``high``.

    Args:
        low, high: its ends.
        log: equal ratios are equally far apart; both ends are above 0.
        whole: only whole numbers are written beside it, as epochs are.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def __post_init__(self) -> None:
        if not (self.low < self.high and math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError(f"low must lie below high, got {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"a logarithmic axis begins above 0, got {self.low}")

    def place(self, values: ArrayLike) -> NDArray[np.float64]:
        """Return where ``values`` lie: 0 at ``low``, 1 at ``high``."""
        found = np.asarray(values, np.float64)
        low, high = self.low, self.high
        if self.log:
            found, low, high = np.log10(np.maximum(found, 1e-300)), math.log10(low), math.log10(high)
        return (found - low) / (high - low)

    def ticks(self, most: int = 6) -> list[float]:
        """Return round values within the limits, at most ``most``."""
        if self.log:
            powers = range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)
            every = max(1, math.ceil(len(powers) / most))
            if len(powers) >= 2:
                return [10.0**power for power in powers[::every]]
        rough = (self.high - self.low) / max(1, most - 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(step * power for step in STEPS if step * power >= rough * (1 - 1e-9))
        step = max(1.0, math.ceil(step)) if self.whole else step
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def scale_of(values: Iterable[ArrayLike], *, log: bool = False, whole: bool = False, margin: float = 0.05) -> Scale:
    """Return a scale that holds all ``values`` that are numbers, with a ``margin`` on both sides.

    Where there is none, it goes from 0 to 1; where there is a single one, it has that in the middle. On a logarithmic
    scale values of 0 and below do not count.
    """
    found = np.concatenate([np.ravel(np.asarray(part, np.float64)) for part in values] or [np.empty(0)])
    found = found[np.isfinite(found) & ((found > 0) if log else True)]
    if not found.size:
        return Scale(0.1, 1, log) if log else Scale(0, 1)
    low, high = float(found.min()), float(found.max())
    if log:
        ratio = (high / low) ** margin if high > low * 1.0001 else 2.0
        return Scale(low / ratio, high * ratio, True)
    room = margin * (high - low) if high > low else 0.1 * abs(high) or 0.1
    return Scale(low - room, high + room, whole=whole)


def tick_text(value: float) -> str:
    """Return ``value`` in few letters: 0.25, 20k, 1e-5."""
    if value == 0 or abs(value) < 1e-12:
        return "0"
    if abs(value) >= 10_000:
        return f"{value / 1e6:g}M" if abs(value) >= 1e6 else f"{value / 1e3:g}k"
    if abs(value) < 1e-3:
        digits, power = f"{value:.2e}".split("e")
        return f"{float(digits):g}e{int(power)}"
    return f"{round(value, 6):g}"
