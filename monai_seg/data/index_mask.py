"""Masks whose grey values are class ids, or stand for class ids by a declared table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.mask_kind import (
    ALPHAS,
    MAX_CLASSES,
    PictureMask,
    check_mask,
    check_option,
    check_whole_number,
    grey_image,
    look_up,
)
from monai_seg.data.mask_pixels import grey_pixels, named_values
from monai_seg.data.picture import Picture
from monai_seg.errors import InputError

UNDECLARED = 255


@dataclass(frozen=True)
class IndexMask(PictureMask):
    """Class ids 0..classes-1 as grey values.

    Values are those stored: in a grey PNG of 1, 2 or 4 bits 0..1, 0..3 or 0..15. A palette picture is taken only
    where its indices are the grey values that one sees; for others the palette encoding is meant.

    Args:
        classes: number of classes, background included, 2..255.
        values: grey value -> class id, say {"0": 0, "128": 1, "255": 2}; None where the value is the id. Several values
            may mean one class; the first is written.
        alpha: "refuse" takes opaque files only, "drop" ignores an alpha channel.
    """

    classes: int
    values: Mapping[str, int] | None = None
    alpha: str = "refuse"

    def __post_init__(self) -> None:
        check_whole_number("classes", self.classes, 2, MAX_CLASSES)
        check_option("alpha", self.alpha, ALPHAS)
        if self.values is not None:
            _check_values(self.values, self.classes)

    def decode(self, source: Picture) -> NDArray[np.uint8]:
        stored = _stored_values(source, self.alpha)
        table = np.full(max(256, int(stored.max()) + 1), UNDECLARED, np.uint8)
        for value, class_id in self._pairs():
            if value < table.size:
                table[value] = class_id
        mask = table[stored]
        undeclared = mask == UNDECLARED
        if undeclared.any():
            wrong = stored[undeclared]
            raise InputError(source.path, f"{wrong.size:,} pixels have undeclared values: {named_values(wrong)}",
                             f'declare which class each value is, say "values": {{"{wrong[0]}": 1}}, or more "classes"')
        return mask

    def encode(self, mask: NDArray) -> Image.Image:
        first = {class_id: value for value, class_id in reversed(self._pairs())}
        values = [first[class_id] for class_id in range(self.classes)]
        table = np.array(values, np.uint8 if max(values) <= 255 else np.uint16)
        return grey_image(look_up(check_mask(mask, self.classes), table))

    def _pairs(self) -> list[tuple[int, int]]:
        if self.values is None:
            return [(class_id, class_id) for class_id in range(self.classes)]
        return [(int(value), class_id) for value, class_id in self.values.items()]


def _stored_values(picture: Picture, alpha: str) -> NDArray:
    grey = grey_pixels(picture, alpha)
    if picture.palette is not None:
        if np.any(grey != picture.pixels):
            raise InputError(picture.path, "a palette picture, whose indices are not the grey values one sees",
                             'declare "kind": "palette" if the indices are the classes')
        return grey
    bits = picture.header.bits
    return grey // np.uint8(255 // (2**bits - 1)) if bits < 8 else grey  # undo the stretching to 0..255


def _check_values(values: Mapping[str, int], classes: int) -> None:
    if not isinstance(values, Mapping) or not values:
        raise InputError("mask encoding", f'"values" is {values!r}', 'give {"<grey value>": <class id>, ...}')
    for value, class_id in values.items():
        if not str(value).isdecimal() or int(value) > 65535:
            raise InputError("mask encoding", f'"values" has the key {value!r}', "give grey values 0..65535 as keys")
        check_whole_number(f"values of {value}", class_id, 0, classes - 1)
    lacking = sorted(set(range(classes)) - set(values.values()))
    if lacking:
        raise InputError("mask encoding", f'no value in "values" means class {lacking[0]}',
                         'add one, or lower "classes"')
