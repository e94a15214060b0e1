"""The search for the three numbers that turn probabilities into a mask, on validation data, exact on its grid.

The rule (transforms/post.json, ``decide`` and ``draw``): an image shows a lesion where at least ``min_area_share`` of
the working image has a probability of ``decide_threshold`` or more; then the mask is where it is ``threshold`` or more;
else it is empty. Per case only sizes are kept: what each ``threshold`` draws and hits, and how many pixels reach each
``decide_threshold``. From those each triple's Dice follows without a pixel.

Source:
    The triplet rule of the winners of SIIM-ACR Pneumothorax Segmentation 2019 (A. Aimoldin and others).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.overlap import divide

SCORES = ("dice", "dice_positive")
SAME = 1e-9  # scores nearer to each other than this are a tie: sums round


@dataclass(frozen=True)
class Grid:
    """The values that are tried, each ascending and from 0 to 1."""

    decide_threshold: Sequence[float] = field(default_factory=lambda: [round(0.05 * i, 2) for i in range(1, 20)])
    min_area_share: Sequence[float] = (0.0, 1e-4, 2e-4, 5e-4, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02)
    threshold: Sequence[float] = field(default_factory=lambda: [round(0.05 * i, 2) for i in range(1, 20)])

    def __post_init__(self) -> None:
        for name, values in vars(self).items():
            inside = all(0 <= value <= 1 for value in values)
            if not values or not inside or any(low >= high for low, high in pairwise(values)):
                raise ValueError(f"{name} must be ascending numbers from 0 to 1, got {list(values)}")


class CaseSizes(NamedTuple):
    """What the search keeps of a case.

    Args:
        hit, drawn: (thresholds,) pixels that each threshold draws rightly, and draws.
        label: pixels of the truth.
        sure: (decide thresholds,) pixels of the working image that reach each.
        working: pixels of the working image.
        gate_prob: of the image's classes that have a lesion, where there is a class branch; only `gated_search` looks.
    """

    hit: NDArray[np.int64]
    drawn: NDArray[np.int64]
    label: int
    sure: NDArray[np.int64]
    working: int
    gate_prob: float = 1.0


class Triple(NamedTuple):
    """An operating point."""

    decide_threshold: float
    min_area_share: float
    threshold: float


class Tables(NamedTuple):
    """The sizes of all cases in the form that scores are counted from.

    Args:
        opened: (D, A, N) 1 where a case shows a lesion.
        dice: (N, T) of what is drawn then.
        closed: (N, 1) Dice of what is left empty.
        positive: (N,) whether there is a lesion.
    """

    opened: NDArray[np.float64]
    dice: NDArray[np.float64]
    closed: NDArray[np.float64]
    positive: NDArray[np.bool_]


@dataclass(frozen=True)
class Search:
    """What a search found: the best triple and its score, and the scores of all triples, (D, A, T) by name."""

    best: Triple
    score: float
    scores: dict[str, NDArray[np.float64]]


def measure_sizes(prob: NDArray, label: NDArray[np.bool_], grid: Grid, decide_prob: NDArray | None = None) -> CaseSizes:
    """Return the sizes of one case.

    Args:
        prob: probability of a lesion where the mask is drawn.
        label: whether there is one.
        grid: what will be tried.
        decide_prob: probability at the working size, where that is another one than the mask's.

    Shape:
        prob, label: (H, W).  decide_prob: (h, w).

    Raises:
        ValueError: the shapes differ, or a value is no probability.
    """
    if prob.shape != label.shape:
        raise ValueError(f"prob {prob.shape} and label {label.shape} differ in shape")
    working = prob if decide_prob is None else decide_prob
    for values in (prob, working):
        if not np.all((values >= 0) & (values <= 1)):
            raise ValueError(f"prob must lie in [0, 1], got {values.min()} to {values.max()}")
    return CaseSizes(_reaching(prob[label], grid.threshold), _reaching(prob, grid.threshold), int(label.sum()),
                     _reaching(working, grid.decide_threshold), working.size)


def search(cases: Sequence[CaseSizes], grid: Grid, default: Triple, score: str = "dice") -> Search:
    """Return the triple of ``grid`` with the highest score; where it is undefined for all, ``default``.

    Of triples with equal scores it is ``default`` if it is one of them, else the one nearest to their middle, counted
    in steps of the grid, and of equally near ones the first.

    Args:
        cases: their sizes, at least one, measured for the same grid.
        grid: what is tried; `with_default` adds the default to it.
        default: what is kept unless another one is better.
        score: "dice", mean over all images with empty and left empty = 1, or "dice_positive", over those with a lesion.

    Raises:
        ValueError: no case, or no such score.
    """
    if score not in SCORES or not cases:
        raise ValueError(f"score must be one of {list(SCORES)} and cases at least one, got {score!r}, {len(cases)}")
    return search_tables(tables_of(cases, grid), grid, default, score)


def tables_of(cases: Sequence[CaseSizes], grid: Grid) -> Tables:
    """Return the tables of ``cases``, at least one, measured for ``grid``."""
    label = np.array([case.label for case in cases])
    drawn, hit = np.stack([case.drawn for case in cases]), np.stack([case.hit for case in cases])
    dice = divide(2 * hit, drawn + label[:, None], 1.0)  # both empty is 1
    return Tables(_opened(cases, grid), dice, (label == 0).astype(np.float64)[:, None], label > 0)


def search_tables(tables: Tables, grid: Grid, default: Triple, score: str) -> Search:
    """As `search`, of tables that are made."""
    opened, dice, closed, positive = tables
    scores = {"dice": _mean_dice(opened, dice, closed),
              "dice_positive": _mean_dice(opened[..., positive], dice[positive], closed[positive])}
    if np.isnan(scores[score]).all():
        return Search(default, float("nan"), scores)
    best = _choose(scores[score], grid, default)
    triple = Triple(grid.decide_threshold[best[0]], grid.min_area_share[best[1]], grid.threshold[best[2]])
    return Search(triple, float(scores[score][best]), scores)


def with_default(grid: Grid, default: Triple) -> Grid:
    """Return ``grid`` with the values of ``default`` among those tried, so that the best is never worse than it."""
    return Grid(*(sorted({*values, value}) for values, value in zip(vars(grid).values(), default, strict=True)))


def _reaching(values: NDArray, limits: Sequence[float]) -> NDArray[np.int64]:
    """Return how many ``values`` reach each of the ascending ``limits``, compared in the values' type as torch does."""
    passed = np.searchsorted(np.asarray(limits, dtype=values.dtype), values.ravel(), side="right")
    return np.bincount(passed, minlength=len(limits) + 1)[::-1].cumsum()[::-1][1:].astype(np.int64)


def _opened(cases: Sequence[CaseSizes], grid: Grid) -> NDArray[np.float64]:
    """Return 1 where a case shows a lesion, (D, A, N), in float32 as the config's own comparison."""
    sure = np.stack([case.sure for case in cases], axis=1).astype(np.float32)
    pixels = np.array([case.working for case in cases], dtype=np.float64)
    least = (np.asarray(grid.min_area_share, np.float64)[:, None] * pixels).astype(np.float32)
    return (sure[:, None, :] >= least).astype(np.float64)


def _mean_dice(opened: NDArray, dice: NDArray, closed: NDArray) -> NDArray[np.float64]:
    """Return the mean over cases for each triple, (D, A, T); NaN where there is no case."""
    if not len(dice):
        return np.full((*opened.shape[:2], dice.shape[1]), np.nan)
    return (opened @ (dice - closed) + closed.sum()) / len(dice)


def _choose(scores: NDArray[np.float64], grid: Grid, default: Triple) -> tuple[int, ...]:
    tied = np.argwhere(scores >= np.nanmax(scores) - SAME)
    for point in tied:
        if Triple(*(values[i] for values, i in zip(vars(grid).values(), point, strict=True))) == default:
            return tuple(map(int, point))
    distance = np.abs(tied - np.median(tied, axis=0)).sum(axis=1)
    return tuple(map(int, tied[distance.argmin()]))
