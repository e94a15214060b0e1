"""Images that show the same: copies in another compression, depth, size or mirrored, found by a perceptual hash.

The hash is the signs of the lowest frequencies of a small grey picture; a mirrored picture has the same frequencies
with every second sign turned, so that mirrored copies cost no second hash. A pair of like hashes is believed only when
the small pictures themselves are equal but for brightness and contrast, in their coarse form and in their detail.

Source:
    Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", section 3.2.1 (DCT-based hash).
    Differs: signs against 0 instead of the median, so that mirroring is a change of signs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE = 32  # of the small pictures
LOWEST = 8  # frequencies per axis
MOST_DIFFERENT = 10  # of the 63 signs
LEAST_ALIKE = 0.99  # correlation of the small pictures
LEAST_ALIKE_DETAIL = 0.90  # of what remains after blurring
FLATTEST = 2.0  # standard deviation in grey levels: flatter pictures have no features to compare
ROWS_AT_ONCE = 2048
FLIPS = {"copy": (False, False), "mirrored copy": (False, True), "copy upside down": (True, False),
         "copy turned by half": (True, True)}


class NearPair(NamedTuple):
    """Two places in the list of pictures, ``first`` < ``second``, and how one is made from the other."""

    first: int
    second: int
    how: str


def near_pairs(thumbs: Sequence[NDArray[np.uint8]]) -> list[NearPair]:
    """Return the pairs of ``thumbs`` (32, 32) that show the same; a pair is named once, by its best match."""
    telling = [place for place, thumb in enumerate(thumbs) if thumb.std() > FLATTEST]
    if len(telling) < 2:
        return []
    stack = np.stack([thumbs[place] for place in telling]).astype(np.float32)
    signs = _signs(stack)
    found: dict[tuple[int, int], str] = {}
    for how, (rows, columns) in FLIPS.items():
        turned = signs * _turns(rows, columns)
        for i, j in _candidates(signs, turned):
            if (i, j) not in found and is_same(stack[i], np.flip(stack[j], _axes(rows, columns))):
                found[i, j] = how
    return [NearPair(telling[i], telling[j], how) for (i, j), how in sorted(found.items())]


def is_same(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Tell whether two grey pictures (32, 32) are equal but for brightness and contrast."""
    if _correlation(one, other) < LEAST_ALIKE:
        return False
    return _correlation(_detail(one), _detail(other)) >= LEAST_ALIKE_DETAIL


def _signs(stack: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the signs (N, 63) of the lowest frequencies but the mean."""
    place, frequency = np.arange(SIDE), np.arange(LOWEST)[:, None]
    cosines = np.cos(np.pi * frequency * (2 * place + 1) / (2 * SIDE)).astype(np.float32)
    waves = np.einsum("fy,nyx,gx->nfg", cosines, stack, cosines, optimize=True).reshape(len(stack), -1)[:, 1:]
    return np.where(waves < 0, -1, 1).astype(np.float32)


def _turns(rows: bool, columns: bool) -> NDArray[np.float32]:
    """Return the factors (63,) by which flipping rows or columns changes the frequencies."""
    odd = np.where(np.arange(LOWEST) % 2, -1, 1)
    factors = np.outer(odd if rows else np.ones(LOWEST), odd if columns else np.ones(LOWEST))
    return factors.ravel()[1:].astype(np.float32)


def _candidates(signs: NDArray[np.float32], turned: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """Yield the places i < j of which at most `MOST_DIFFERENT` signs differ, counted by a matrix product."""
    least = signs.shape[1] - 2 * MOST_DIFFERENT
    for start in range(0, len(signs), ROWS_AT_ONCE):
        agreement = signs[start:start + ROWS_AT_ONCE] @ turned[start:].T
        for i, j in np.argwhere(agreement >= least).tolist():
            if i < j:
                yield start + i, start + j


def _axes(rows: bool, columns: bool) -> tuple[int, ...]:
    return tuple(axis for axis, is_flipped in enumerate((rows, columns)) if is_flipped)


def _detail(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what is left after the mean of 4 x 4 blocks is taken away."""
    blocks = picture.reshape(SIDE // 4, 4, SIDE // 4, 4)
    return (blocks - blocks.mean(axis=(1, 3), keepdims=True)).reshape(SIDE, SIDE)


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    a, b = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm else 0.0
