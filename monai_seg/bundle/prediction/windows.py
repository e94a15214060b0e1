"""A window that slides over a picture, in numpy as MONAI's SlidingWindowInferer does it with Gaussian weights."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

OVERLAP = 0.25
SIGMA = 0.125  # of the window's side
LEAST_WEIGHT = 1e-3
SMALLEST, GREATEST = 1e-6, 1 - 1e-6  # of probabilities whose logits are taken
Floats = NDArray[np.float32]
Model = Callable[[Floats], list[Floats]]


def slide(model: Model, image: Floats, window: tuple[int, int]) -> tuple[Floats, Floats | None]:
    """Return the probabilities of the pixels (C, H, W) and, of a model with a class branch, of the classes (K,).

    Logits of pixels are averaged, as in the run: probabilities are taken back to them and forth. Those of classes are
    averaged as they are.

    Args:
        model: (1, C, h, w) -> probabilities (1, classes, h, w), and (1, K) where there is a class branch.
        image: (C, H, W), at least as large as ``window``.
        window: (h, w).
    """
    height, width = image.shape[1:]
    if (height, width) == tuple(window):
        masks, *classes = model(image[None])
        return masks[0], classes[0][0] if classes else None
    weight = _importance(window)
    total: Floats | None = None
    count = np.zeros((1, height, width), np.float32)
    said: list[Floats] = []
    for top in _starts(height, window[0]):
        for left in _starts(width, window[1]):
            place = (slice(None), slice(top, top + window[0]), slice(left, left + window[1]))
            masks, *classes = model(image[place][None])
            found = _logits(masks[0])
            total = np.zeros((len(found), height, width), np.float32) if total is None else total
            total[place] += found * weight
            count[place] += weight
            said += [each[0] for each in classes]
    assert total is not None
    mean = np.asarray(np.mean(said, axis=0, dtype=np.float64), np.float32) if said else None
    return _probabilities(total / count), mean


def _starts(length: int, window: int) -> list[int]:
    step = window if window == length else max(int(window * (1 - OVERLAP)), 1)
    starts = [0]
    while starts[-1] + window < length:
        starts.append(min(starts[-1] + step, length - window))
    return starts


def _importance(window: tuple[int, int]) -> Floats:
    rows, columns = (np.exp((np.arange(side, dtype=np.float32) - np.float32((side - 1) / 2)) ** 2
                            / np.float32(-2 * (side * SIGMA) ** 2)) for side in window)
    weight = (rows[:, None] * columns).astype(np.float32)
    return np.maximum(weight, max(weight.min(), LEAST_WEIGHT))


def _logits(probabilities: Floats) -> Floats:
    if len(probabilities) > 1:
        return np.log(np.maximum(probabilities, np.float32(1e-30)))
    clipped = np.clip(probabilities, SMALLEST, GREATEST)
    return np.log(clipped / (1 - clipped))


def _probabilities(logits: Floats) -> Floats:
    if len(logits) == 1:
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)
    powers = np.exp(logits - logits.max(axis=0, keepdims=True))
    return np.asarray(powers / powers.sum(axis=0, keepdims=True), np.float32)
