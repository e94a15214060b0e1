from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monai_seg.sample import make_twin


@pytest.fixture
def best_threshold_dice() -> Callable[[list[np.ndarray], list[np.ndarray]], float]:
    """Mean Dice over the cases that the best one grey value for all of them reaches, dark or bright side."""

    def best(greys: list[np.ndarray], masks: list[np.ndarray]) -> float:
        scores = []
        for level in range(0, 256, 6):
            for dark in (True, False):
                preds = [(grey <= level) == dark for grey in greys]
                pairs = zip(preds, masks, strict=True)
                scores.append(np.mean([2 * (pred & mask).sum() / (pred.sum() + mask.sum()) for pred, mask in pairs]))
        return float(max(scores))

    return best


@pytest.fixture(scope="session")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a twin once per session; the same arguments give the same folder."""
    made: dict[tuple, Path] = {}

    def make(name: str, cases: int, seed: int = 0, size: int = 64) -> Path:
        key = (name, cases, seed, size)
        if key not in made:
            made[key] = tmp_path_factory.mktemp(name) / "twin"
            make_twin(name, made[key], cases=cases, seed=seed, size=size)
        return made[key]

    return make
