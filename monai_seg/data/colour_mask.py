"""Masks that show each class in a declared colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.mask_kind import ALPHAS, MAX_CLASSES, PictureMask, check_colour, check_mask, check_option, look_up
from monai_seg.data.mask_pixels import colour_key, colour_keys, colours_of, named_colours
from monai_seg.data.picture import Picture
from monai_seg.errors import InputError

UNDECLARED = 255


@dataclass(frozen=True)
class ColourMask(PictureMask):
    """Class ids as colours.

    A pixel is of the class whose colour is nearest (Euclidean, in RGB levels 0..255; of equally near ones the lower
    id), and must be within ``tolerance`` of it.

    Args:
        table: class id -> [red, green, blue], for every id from 0 on.
        tolerance: greatest distance; 0 takes the declared colours only, 442 the nearest of any colour.
        alpha: "refuse" takes opaque files only, "drop" ignores an alpha channel.
    """

    table: Mapping[str, Sequence[int]]
    tolerance: float = 0
    alpha: str = "refuse"

    def __post_init__(self) -> None:
        check_option("alpha", self.alpha, ALPHAS)
        if isinstance(self.tolerance, bool) or not isinstance(self.tolerance, int | float) or not self.tolerance >= 0:
            raise InputError("mask encoding", f'"tolerance" is {self.tolerance!r}', "give a number from 0 on")
        ids = list(map(str, self.table)) if isinstance(self.table, Mapping) else []
        if not 2 <= len(ids) <= MAX_CLASSES or sorted(ids) != sorted(map(str, range(len(ids)))):
            raise InputError("mask encoding", f'"table" has the class ids {", ".join(ids) or "none"}',
                             f'give a colour to each of "0", "1", ... (2 to {MAX_CLASSES} classes)')
        for class_id, colour in self.table.items():
            check_colour(f"table of {class_id}", colour)
        if len({tuple(colour) for colour in self.table.values()}) < len(ids):
            raise InputError("mask encoding", '"table" gives two classes the same colour', "tell them apart")

    @property
    def classes(self) -> int:  # type: ignore[override]
        return len(self.table)

    @property
    def colours(self) -> NDArray[np.int64]:
        """The colours (classes, 3) by class id."""
        by_id = {int(class_id): colour for class_id, colour in self.table.items()}
        return np.array([by_id[class_id] for class_id in range(len(by_id))], np.int64)

    def decode(self, source: Picture) -> NDArray[np.uint8]:
        keys = colour_keys(source, self.alpha)
        mask = np.full(keys.shape, UNDECLARED, np.uint8)
        for class_id, colour in enumerate(self.colours):
            mask[keys == colour_key(colour)] = class_id
        others = mask == UNDECLARED
        if others.any():
            mask[others] = self._nearest(keys[others])
            wrong = keys[mask == UNDECLARED]
            if wrong.size:
                raise InputError(source.path, f"{wrong.size:,} pixels have undeclared colours: {named_colours(wrong)}",
                                 'add them to "table", or declare a "tolerance"')
        return mask

    def encode(self, mask: NDArray) -> Image.Image:
        return Image.fromarray(look_up(check_mask(mask, self.classes), self.colours.astype(np.uint8)))

    def _nearest(self, keys: NDArray) -> NDArray[np.uint8]:
        found, where = np.unique(keys, return_inverse=True)
        best, distance = np.zeros(found.size, np.uint8), np.full(found.size, np.inf)
        for class_id, colour in enumerate(self.colours):  # class by class: all at once would need much memory
            squared = ((colours_of(found) - colour) ** 2).sum(axis=1)
            nearer = squared < distance
            best[nearer], distance[nearer] = class_id, squared[nearer]
        best[distance > self.tolerance**2] = UNDECLARED
        return best[where.reshape(keys.shape)]
