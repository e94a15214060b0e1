"""Measured values as 8-bit grey, by a declared window; and numbers as class ids, where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monai_seg.errors import InputError

Window = tuple[float, float]  # low, high in the unit of the file
HIGHEST_ID = 254  # the byte 255 is kept for "undeclared" where masks are decoded


def as_class_ids(values: NDArray, path: Path) -> NDArray[np.uint8]:
    """Return the (H, W) values of a mask as uint8.

    Raises:
        InputError: they are not (H, W), or not whole numbers 0..254.
    """
    if values.ndim != 2 or values.size == 0:
        raise InputError(path, f"holds an array of shape {values.shape}, expected a mask (H, W)", "export it as PNG")
    ids = np.nan_to_num(values, nan=-1, posinf=-1, neginf=-1).astype(np.int64)
    if np.any(ids != values) or ids.min() < 0 or ids.max() > HIGHEST_ID:
        raise InputError(path, f"holds values {values.min():g} to {values.max():g}, expected class ids 0, 1, 2, ... "
                         "in whole numbers", "export the mask with one number per class")
    return ids.astype(np.uint8)


def apply_window(values: NDArray, window: Window) -> NDArray[np.uint8]:
    """Return ``values`` with low at 0 and high at 255, cut beyond and rounded; what is no number (NaN) becomes 0.

    Raises:
        InputError: the window is empty.
    """
    low, high = window
    if not low < high:
        raise InputError("--window", f"{low:g} {high:g} holds nothing", "give LOW below HIGH")
    share = np.clip((np.nan_to_num(values, nan=low) - low) / (high - low), 0, 1)
    return np.rint(share * 255).astype(np.uint8)
