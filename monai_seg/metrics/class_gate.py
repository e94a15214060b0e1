"""The search for the gate that keeps classes out of images that do not show them, exact on its grid.

The rule (transforms/post.json, ``decide_classes`` and ``draw_classes``): an image shows a class where at least
``min_area_share`` of the working image has a probability of ``decide_threshold`` or more for it; then each pixel is the
most probable of the classes that are shown. Per case only the Dice of each set of shown classes is kept, and how many
pixels reach each ``decide_threshold``. From those the score of each pair follows without a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.operating_point import SAME
from monai_seg.metrics.overlap import divide

MAX_CLASSES = 6  # the sets of shown classes double with each: 64 for six


@dataclass(frozen=True)
class GateGrid:
    """The values that are tried, each ascending and from 0 to 1."""

    decide_threshold: Sequence[float] = field(default_factory=lambda: [round(0.05 * i, 2) for i in range(1, 20)])
    min_area_share: Sequence[float] = (0.0, 2e-4, 5e-4, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02)


class CaseGates(NamedTuple):
    """What the search keeps of a case.

    Args:
        dice: (2 ** classes,) mean Dice over the classes but background, empty against empty 1, for each set of classes
            that are shown: bit c of the index stands for class c; NaN for those that no pair of the grid shows.
        sure: (decide thresholds, classes) pixels of the working image that reach each.
        working: pixels of the working image.
    """

    dice: NDArray[np.float64]
    sure: NDArray[np.int64]
    working: int


class Gate(NamedTuple):
    """A gate."""

    decide_threshold: float
    min_area_share: float


class GateSearch(NamedTuple):
    """What a search found: the best pair, its score, and the scores of all pairs, (D, A)."""

    best: Gate
    score: float
    scores: NDArray[np.float64]


def measure_gates(prob: NDArray, label: NDArray, grid: GateGrid) -> CaseGates:
    """Return what the search needs of one case.

    Shape:
        prob: (C, H, W) probabilities.  label: (H, W) class ids.

    Raises:
        ValueError: more than `MAX_CLASSES` classes.
    """
    classes = len(prob)
    if classes > MAX_CLASSES:
        raise ValueError(f"the gate is searched for up to {MAX_CLASSES} classes, got {classes}")
    limits = np.asarray(grid.decide_threshold, dtype=prob.dtype)
    sure = np.stack([(prob >= limit).sum(axis=(1, 2)) for limit in limits])
    dice = np.full(2**classes, np.nan)
    for subset in np.unique(_shown(sure, grid, label.size)):
        dice[subset] = _mean_dice(prob, label, int(subset))
    return CaseGates(dice, sure, label.size)


def search_gates(cases: Sequence[CaseGates], grid: GateGrid, default: Gate) -> GateSearch:
    """Return the pair of ``grid`` with the highest mean Dice over images and classes.

    Of pairs with equal scores it is ``default`` if it is one of them, else the one nearest to their middle.

    Raises:
        ValueError: no case.
    """
    if not cases:
        raise ValueError("no case to search with")
    scores = np.zeros((len(grid.decide_threshold), len(grid.min_area_share)))
    for case in cases:
        scores += case.dice[_shown(case.sure, grid, case.working)]
    scores /= len(cases)
    tied = np.argwhere(scores >= np.nanmax(scores) - SAME)
    pairs = [Gate(grid.decide_threshold[d], grid.min_area_share[a]) for d, a in tied]
    distance = np.abs(tied - np.median(tied, axis=0)).sum(axis=1)
    best = pairs.index(default) if default in pairs else int(distance.argmin())
    return GateSearch(pairs[best], float(scores[tuple(tied[best])]), scores)


def _shown(sure: NDArray[np.int64], grid: GateGrid, working: int) -> NDArray[np.int64]:
    """Return the set of shown classes for each pair, (D, A), in float32 as the config's own comparison."""
    least = (np.asarray(grid.min_area_share)[:, None] * working).astype(np.float32)
    return (sure[:, None, :].astype(np.float32) >= least) @ (1 << np.arange(sure.shape[1]))


def _mean_dice(prob: NDArray, label: NDArray, subset: int) -> float:
    classes = len(prob)
    kept = np.array([subset >> c & 1 for c in range(classes)], dtype=prob.dtype)
    pred = (prob * kept[:, None, None]).argmax(axis=0)
    drawn, truth = np.bincount(pred.ravel(), minlength=classes), np.bincount(label.ravel(), minlength=classes)
    hit = np.bincount(pred[pred == label], minlength=classes)
    return float(divide(2 * hit[1:], drawn[1:] + truth[1:], 1.0).mean())
