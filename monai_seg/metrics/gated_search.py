"""The search for an operating point together with the class gate, where a class branch says what an image is of.

The rule (`monai_seg.transforms.GateByClassd`): a mask is kept only where the classes that have a lesion are given at
least ``class_gate`` together. To the triples behind it, an image that does not pass is one that shows nothing; so each
gate is one search of `monai_seg.metrics.operating_point`, over the same tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.operating_point import SAME, CaseSizes, Grid, Search, Triple, search_tables, tables_of

LEVELS = tuple(round(0.1 * i, 1) for i in range(1, 10))


class GatedSearch(NamedTuple):
    """What a search found: the gates that were tried, what each came to, and which of them is best."""

    gates: list[float]
    found: list[Search]
    best: int


def gate_candidates(prob: NDArray, positive: NDArray[np.bool_]) -> list[float]:
    """Return the gates to try: 0, and the deciles of ``prob``, images with and without a lesion weighing the same.

    A candidate lies halfway between the last value of its share and the next, so that a gate between two kinds of
    images that are told apart is not drawn at the edge of one of them. Where all images have a lesion, or none has,
    nothing tells how a gate does, and it is 0 alone.

    Args:
        prob: (N,) of the classes that have a lesion.
        positive: (N,) whether there is one.
    """
    if positive.all() or not positive.any():
        return [0.0]
    order = np.argsort(prob, kind="stable")
    ascending = prob[order].astype(np.float64)
    share = np.where(positive, 0.5 / positive.sum(), 0.5 / (~positive).sum())[order].cumsum()
    last = np.minimum(np.searchsorted(share, np.array(LEVELS) - SAME), len(prob) - 2)
    return sorted({0.0, *((ascending[last] + ascending[last + 1]) / 2).tolist()})


def search_gated(
    cases: Sequence[CaseSizes], grid: Grid, default: Triple, score: str, gates: Sequence[float]
) -> GatedSearch:
    """Return the best triple of each of ``gates``, and the gate that reaches the highest score; of equals the weakest.

    Probabilities and gates are compared in float32, as torch does.

    Args:
        cases: their sizes, at least one, measured for ``grid``.
        grid, default, score: as of `monai_seg.metrics.operating_point.search`.
        gates: ascending, from 0 on.
    """
    tables, prob = tables_of(cases, grid), np.array([case.gate_prob for case in cases], dtype=np.float32)
    found = [search_tables(tables._replace(opened=tables.opened * (prob >= np.float32(gate))), grid, default, score)
             for gate in gates]
    best = 0
    for place, one in enumerate(found):
        if one.score > found[best].score + SAME:
            best = place
    return GatedSearch(list(gates), found, best)
