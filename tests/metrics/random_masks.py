"""Pairs of masks to score: blobs of one to four classes, noise, and the five empty cases."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, shift

Pair = tuple[np.ndarray, np.ndarray]  # prediction and truth, (H, W) class ids


def random_pair(random: np.random.Generator, classes: int) -> Pair:
    """A truth of blobs and a prediction that is moved, frayed, partly missed, or has nothing to do with it."""
    size = tuple(int(side) for side in random.integers(8, 65, size=2))
    truth = blobs(random, size, classes)
    kind = random.integers(4)
    if kind == 0:
        return blobs(random, size, classes), truth
    pred = shift(truth, random.integers(-4, 5, size=2), order=0)
    if kind == 1:
        pred = np.where(random.random(size) < 0.1, random.integers(classes, size=size), pred)
    if kind == 2:
        pred = np.where(pred == random.integers(1, classes), 0, pred)
    return pred, truth


def blobs(random: np.random.Generator, size: tuple[int, ...], classes: int) -> np.ndarray:
    """Class ids in smooth regions; sometimes a class, or all of them, is absent."""
    ids = np.zeros(size, np.int64)
    for k in range(1, classes):
        field = gaussian_filter(random.standard_normal(size), random.uniform(1, 5))
        ids[field > np.quantile(field, random.choice([0.7, 0.9, 0.98, 1.0]))] = k
    return ids


def five_empty_cases(classes: int, size: tuple[int, int] = (12, 9)) -> dict[str, Pair]:
    """Each way in which a mask is empty; the last class is the one that is there where another one is."""
    nothing, all_of_it, some = np.zeros(size, np.int64), np.full(size, classes - 1), np.zeros(size, np.int64)
    some[2:5, 3:7] = classes - 1
    return {
        "both empty": (nothing, nothing),
        "false alarm": (some, nothing),
        "miss": (nothing, some),
        "false alarm everywhere": (all_of_it, nothing),
        "miss everywhere": (nothing, all_of_it),
    }
