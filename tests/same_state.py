"""Whether two states of a training are the same, as what is resumed must be."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def equal(one: Any, other: Any) -> bool:
    """Whether two nested states are the same bit for bit."""
    if isinstance(one, Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == other)
