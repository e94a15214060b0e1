"""Batches with pictures in which one sees where each pixel went."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch


def make_batch(count: int = 4, channels: int = 1, size: tuple[int, int] = (24, 32)) -> dict[str, Any]:
    """Smooth float images in [0, 1] that touch both ends, labels of the classes 0, 1, 3, seeds."""
    rng = np.random.default_rng(0)
    image = torch.from_numpy(rng.random((count, channels, *size), dtype=np.float32))
    image[..., 0, 0], image[..., -1, -1] = 0, 1
    label = torch.from_numpy(rng.choice(np.array([0, 1, 3], np.uint8), size=(count, 1, *size)))
    return {"image": image, "label": label, "seed": torch.arange(100, 100 + count)}


def make_rngs(batch: dict[str, Any]) -> Sequence[np.random.Generator]:
    return [np.random.default_rng(int(seed)) for seed in batch["seed"]]


@pytest.fixture
def batch() -> Callable[..., dict[str, Any]]:
    return make_batch


@pytest.fixture
def rngs() -> Callable[[dict[str, Any]], Sequence[np.random.Generator]]:
    return make_rngs
