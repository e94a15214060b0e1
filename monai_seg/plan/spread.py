"""A few of many, evenly spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Thing = TypeVar("Thing")


def spread(things: Sequence[Thing], most: int) -> list[Thing]:
    """Return at most ``most`` of ``things``, evenly spread."""
    places = np.unique(np.linspace(0, len(things) - 1, min(most, len(things))).round().astype(int))
    return [things[place] for place in places.tolist()]
