"""The values that a mask file holds and how often, before anyone has said what they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.mask_pixels import colour_key
from monai_seg.data.picture import Picture

MOST_COLOURS = 4096
LARGEST_INDEX = 63  # of a palette whose indices are classes; grey palettes go up to 255


@dataclass(frozen=True)
class MaskValues:
    """Evidence of one mask file.

    Args:
        storage: "grey", "palette" or "colours".
        counts: pixels per grey value as stored, palette index or colour (see `colour_key`).
        bits: per sample, as stored.
        is_lossy: a JPEG, whose values are blurred.
        clear_px: pixels that are not opaque.
        shown: palette index -> colour, for "palette".
        beyond: pixels of a picture with too many colours to be a mask.
    """

    storage: str
    counts: Mapping[int, int]
    bits: int = 8
    is_lossy: bool = False
    clear_px: int = 0
    shown: Mapping[int, int] = field(default_factory=dict)
    beyond: int = 0


def mask_values(picture: Picture) -> MaskValues:
    """Return the values of a mask; pictures in RGB or with a palette that are grey throughout count as "grey"."""
    header, pixels = picture.header, picture.pixels
    clear = _clear_pixels(picture)
    if picture.palette is not None:
        return _palette_values(picture, clear)
    is_lossy = header.format == "JPEG"
    if header.mode in ("L", "LA"):
        grey = pixels if pixels.ndim == 2 else pixels[..., 0]
        counts = grey_counts(np.ascontiguousarray(grey))
        step = 255 // (2**header.bits - 1) if header.bits < 8 else 1  # the reader stretches to 0..255
        return MaskValues("grey", {value // step: count for value, count in counts.items()}, header.bits, is_lossy,
                          clear)
    rgb = np.ascontiguousarray(pixels[..., :3])
    if np.array_equal(rgb[..., 0], rgb[..., 1]) and np.array_equal(rgb[..., 0], rgb[..., 2]):
        return MaskValues("grey", grey_counts(np.ascontiguousarray(rgb[..., 0])), header.bits, is_lossy, clear)
    found = Image.fromarray(rgb).getcolors(MOST_COLOURS) if rgb.dtype == np.uint8 else None
    if found is None:
        return MaskValues("colours", {}, header.bits, is_lossy, clear, beyond=rgb.shape[0] * rgb.shape[1])
    counts = {colour_key(list(colour)): count for count, colour in found}  # type: ignore[arg-type]
    return MaskValues("colours", counts, header.bits, is_lossy, clear)


def grey_counts(grey: NDArray) -> dict[int, int]:
    """Return value -> pixels of (H, W) whole numbers."""
    counts = Image.fromarray(grey).histogram() if grey.dtype == np.uint8 else np.bincount(grey.ravel()).tolist()
    return {value: count for value, count in enumerate(counts) if count}


def total(evidence: Iterator[MaskValues] | list[MaskValues]) -> Counter[int]:
    """Return in how many files each value occurs."""
    return Counter(value for values in evidence for value in values.counts)


def _palette_values(picture: Picture, clear: int) -> MaskValues:
    assert picture.palette is not None
    counts = grey_counts(picture.pixels)
    used = picture.palette[list(counts), :3]
    shown = {index: colour_key(colour) for index, colour in zip(counts, used, strict=True)}
    is_grey = bool((used == used[:, :1]).all())
    if is_grey and (max(counts) > LARGEST_INDEX or all(int(grey) == index for index, grey in
                                                       zip(counts, used[:, 0], strict=True))):
        grey_values: Counter[int] = Counter()
        for (_, count), grey in zip(counts.items(), used[:, 0].tolist(), strict=True):
            grey_values[grey] += count
        return MaskValues("grey", dict(grey_values), 8, False, clear)
    return MaskValues("palette", counts, picture.header.bits, False, clear, shown)


def _clear_pixels(picture: Picture) -> int:
    if picture.palette is not None:
        opacity = picture.palette[:, 3]
        return 0 if opacity.min() == 255 else int(np.count_nonzero(opacity[picture.pixels] != 255))
    if picture.header.mode in ("L", "RGB"):
        return 0
    opacity = picture.pixels[..., -1]
    return int(np.count_nonzero(opacity != np.iinfo(opacity.dtype).max))
