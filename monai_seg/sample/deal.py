"""Deals properties to cases so that every block of cases holds the same share, in an order that nobody can guess."""

from __future__ import annotations

from monai_seg.sample.fields import make_rng

STREAM = 999  # keeps the dealer's draws apart from every twin's own


def dealt(seed: int, index: int, hits: int, block: int) -> bool:
    """Return whether case ``index`` is one of the ``hits`` chosen among its ``block`` neighbours.

    Depends on nothing but its arguments, so that more cases never change earlier ones.
    """
    return place(seed, index, block) < hits


def place(seed: int, index: int, block: int) -> int:
    """Return the place, 0 to ``block`` - 1, of case ``index`` in the shuffled order of its block."""
    return int(make_rng(seed, STREAM, index // block).permutation(block)[index % block])
