"""Masks in a table of run lengths; a label is the string ``"<path of csv>::<image id>"``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monai_seg.data.mask_kind import MaskItem, MaskKind, check_mask, check_whole_number, one_path
from monai_seg.data.picture_header import MAX_PIXELS
from monai_seg.data.rle import EMPTY, decode_rle, encode_rle
from monai_seg.data.rle_table import append_rle_rows, read_rle_rows, split_item
from monai_seg.errors import InputError

LARGEST_SIDE = 1 << 20


class RleRows(NamedTuple):
    """The run lengths of one image, one string per row; ``where`` is named in errors."""

    where: str
    rows: Sequence[str]


@dataclass(frozen=True)
class RleMask(MaskKind):
    """Background (0) and foreground (1) as run lengths (see `monai_seg.data.rle`); rows of one image are a union.

    Args:
        height, width: size in px, as the table does not tell.
    """

    height: int
    width: int
    classes = 2

    def __post_init__(self) -> None:
        check_whole_number("height", self.height, 1, LARGEST_SIDE)
        check_whole_number("width", self.width, 1, LARGEST_SIDE)

    def load(self, item: MaskItem, max_pixels: int = MAX_PIXELS) -> RleRows:
        path = one_path(item)
        return RleRows(path, read_rle_rows(*split_item(path)))

    def decode(self, source: RleRows) -> NDArray[np.uint8]:
        rows = [row.strip() for row in source.rows]
        if EMPTY in rows and set(rows) != {EMPTY}:
            raise InputError(source.where, f"one row says {EMPTY} (empty), another one has runs",
                             "remove the wrong row")
        mask = decode_rle(rows[0], self.height, self.width, source.where)
        for row in rows[1:]:
            mask |= decode_rle(row, self.height, self.width, source.where)
        return mask

    def encode(self, mask: NDArray) -> RleRows:
        mask = check_mask(mask, 2)
        if mask.shape != (self.height, self.width):
            raise ValueError(f"mask is (H, W) {mask.shape}, the encoding declares {(self.height, self.width)}")
        return RleRows("mask", (encode_rle(mask),))

    def save(self, item: MaskItem, encoded: RleRows) -> None:
        path, image_id = split_item(one_path(item))
        append_rle_rows(path, {image_id: encoded.rows[0]})
