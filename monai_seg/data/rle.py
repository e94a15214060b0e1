"""Run lengths as in the SIIM-ACR pneumothorax data: gaps and lengths in turn, down the columns, "-1" for no pixel.

    "3 2 1 4" skips 3 pixels, takes 2, skips 1, takes 4, counted from the top left down each column in turn.

Source:
    SIIM-ACR Pneumothorax Segmentation, mask_functions.py of the competition's data: each gap counts from the end of the
    run before it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monai_seg.errors import InputError

EMPTY = "-1"


def decode_rle(rle: str, height: int, width: int, where: str = "rle") -> NDArray[np.uint8]:
    """Return the (H, W) mask of 0 and 1.

    Args:
        rle: gap, length, gap, length, ... in pixels; or "-1" for an empty mask.
        height, width: size in px.
        where: named in errors.

    Raises:
        InputError: not whole numbers, an odd number of them, a negative one, or more pixels than the mask has.
    """
    if rle.strip() == EMPTY:
        return np.zeros((height, width), np.uint8)
    runs = _runs(rle, where)
    ends = np.cumsum(runs)
    if (runs > height * width).any() or ends[-1] > height * width:
        raise InputError(where, f"run lengths go beyond the {height * width:,} pixels of (H, W) ({height}, {width})",
                         'mend "height" and "width" of the encoding')
    flat = np.zeros(height * width, np.uint8)
    for start, end in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        flat[start:end] = 1
    return np.ascontiguousarray(flat.reshape(width, height).T)


def encode_rle(mask: NDArray) -> str:
    """Return the run lengths of the pixels of (H, W) ``mask`` that are not 0; "-1" where there is none."""
    flat = np.concatenate([[0], np.asarray(mask).T.ravel() != 0, [0]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(flat))  # start, end, start, end, ...
    return " ".join(map(str, np.diff(edges, prepend=0).tolist())) if edges.size else EMPTY


def _runs(rle: str, where: str) -> NDArray[np.int64]:
    try:
        runs = np.array(rle.split(), dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise InputError(where, f"the run lengths are not whole numbers ({error})", "mend the table") from error
    if runs.size == 0 or runs.size % 2 or runs.min() < 0:
        raise InputError(where, f"{runs.size} numbers, expected pairs of gap and length, none negative",
                         f"mend the table; an empty mask is {EMPTY}")
    return runs
