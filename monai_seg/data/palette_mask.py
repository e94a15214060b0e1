"""Palette masks: the class ids are the indices, the colours are for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.mask_kind import MAX_CLASSES, PictureMask, check_colour, check_mask, check_whole_number
from monai_seg.data.mask_pixels import named_values
from monai_seg.data.picture import Picture
from monai_seg.errors import InputError


@dataclass(frozen=True)
class PaletteMask(PictureMask):
    """Class ids 0..classes-1 as indices of a palette picture; its transparency is ignored, as indices say it all.

    Args:
        classes: number of classes, background included, 2..255.
        colours: the data set's colours, one [red, green, blue] per class. They are written, and a file that shows a
            class in another colour is refused. None reads whatever the colours, and writes those of PASCAL VOC.
    """

    classes: int
    colours: Sequence[Sequence[int]] | None = None

    def __post_init__(self) -> None:
        check_whole_number("classes", self.classes, 2, MAX_CLASSES)
        if self.colours is None:
            return
        if not isinstance(self.colours, Sequence) or len(self.colours) != self.classes:
            raise InputError("mask encoding", f'"colours" is no list of {self.classes} colours', "give one per class")
        for class_id, colour in enumerate(self.colours):
            check_colour(f"colours of {class_id}", colour)

    def decode(self, source: Picture) -> NDArray[np.uint8]:
        if source.palette is None:
            raise InputError(source.path, f"expected a palette picture, got mode {source.header.mode}",
                             'declare "kind": "index", "binary" or "colours"')
        indices = source.pixels
        undeclared = indices >= self.classes
        if undeclared.any():
            wrong = indices[undeclared]
            raise InputError(source.path, f"{wrong.size:,} pixels have undeclared indices: {named_values(wrong)}",
                             f'declare more "classes" than {self.classes}, or mend the mask')
        if self.colours is not None:
            _check_colours(source, np.array(self.colours))
        return indices

    def encode(self, mask: NDArray) -> Image.Image:
        image = Image.fromarray(check_mask(mask, self.classes)).convert("L")
        colours = [voc_colour(class_id) for class_id in range(self.classes)] if self.colours is None else self.colours
        image.putpalette([part for colour in colours for part in colour])  # turns mode L into P, pixels unchanged
        return image


def voc_colour(class_id: int) -> tuple[int, int, int]:
    """Return red, green, blue of a class in PASCAL VOC's masks: black, dark red, dark green, olive, dark blue, ...

    Source:
        VOCdevkit 2012, VOClabelcolormap.m: bits 0, 1, 2 of each octal digit go to red, green, blue, high bit first.
    """
    red, green, blue = (
        sum((class_id >> (3 * digit + channel) & 1) << (7 - digit) for digit in range(3)) for channel in range(3)
    )
    return red, green, blue


def _check_colours(picture: Picture, declared: NDArray) -> None:
    assert picture.palette is not None
    shown = picture.palette[: len(declared), :3]
    counts = np.bincount(picture.pixels.ravel(), minlength=len(declared))
    for class_id in np.flatnonzero((shown != declared).any(axis=1) & (counts > 0)):
        raise InputError(picture.path, f"{counts[class_id]:,} pixels of class {class_id} are shown in "
                         f"{shown[class_id].tolist()}, declared is {declared[class_id].tolist()}",
                         'mend "colours", or leave it out to read the indices whatever the colours')
