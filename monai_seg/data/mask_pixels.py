"""The grey values or colours of a mask picture; refused where colour or transparency would have to be guessed away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monai_seg.data.picture import Picture
from monai_seg.errors import InputError

MOST_NAMED = 5


def grey_pixels(picture: Picture, alpha: str = "refuse") -> NDArray:
    """Return the (H, W) grey values as one sees them, uint8 or uint16; RGB and palette pictures must be grey.

    Args:
        picture: the mask.
        alpha: "refuse" takes an alpha channel only where it is opaque everywhere; "drop" ignores it.

    Raises:
        InputError: some pixel is coloured, or not opaque.
    """
    pixels, mode = picture.pixels, picture.header.mode
    _check_opaque(picture, alpha)
    if mode == "L":
        return pixels
    if mode == "LA":
        return np.ascontiguousarray(pixels[..., 0])
    if picture.palette is not None:
        coloured = _is_coloured(picture.palette)[pixels] if _is_coloured(picture.palette).any() else np.False_
        grey = picture.palette[:, 0][pixels]
    else:
        coloured = _is_coloured(pixels)
        grey = np.ascontiguousarray(pixels[..., 0])
    if np.any(coloured):
        colours = picture.palette[pixels[coloured]] if picture.palette is not None else pixels[coloured]
        raise InputError(picture.path, f"{len(colours):,} pixels are coloured, say {_rgb(colours[0])}, in a mask "
                         "declared grey", 'declare "kind": "colours" or, for a palette picture, "palette"')
    return grey


def colour_keys(picture: Picture, alpha: str = "refuse") -> NDArray[np.uint32]:
    """Return the (H, W) colours as one sees them, each as one number (see `colour_key`); ``alpha`` as `grey_pixels`.

    Raises:
        InputError: some pixel is not opaque, or the picture has 16 bits.
    """
    _check_opaque(picture, alpha)
    pixels, mode = picture.pixels, picture.header.mode
    if picture.header.bits == 16:
        raise InputError(picture.path, "has 16 bits per sample, a table of colours has 8", "export it with 8 bits")
    if picture.palette is not None:
        return _keys(picture.palette)[pixels]
    if mode in ("L", "LA"):
        grey = pixels if mode == "L" else pixels[..., 0]
        return grey.astype(np.uint32) * np.uint32(0x010101)
    return _keys(pixels)


def colour_key(colour: NDArray | list[int]) -> int:
    """Return red + 256 * green + 65536 * blue."""
    red, green, blue = (int(part) for part in colour)
    return red | green << 8 | blue << 16


def colours_of(keys: NDArray) -> NDArray[np.int64]:
    """Return the colours (N, 3) of the N ``keys``."""
    wide = np.asarray(keys, np.int64)[:, None]
    return wide >> np.array([0, 8, 16]) & 255


def named_values(values: NDArray) -> str:
    """Return the most frequent of ``values`` in words, say "7, 9, 12 and 31 more"."""
    found, counts = np.unique(values, return_counts=True)
    ranked = found[np.argsort(-counts, kind="stable")]
    names = ", ".join(str(value) for value in sorted(ranked[:MOST_NAMED].tolist()))
    return names if len(ranked) <= MOST_NAMED else f"{names} and {len(ranked) - MOST_NAMED} more"


def named_colours(keys: NDArray) -> str:
    """Return the most frequent of the colours in words, say "(255, 0, 1), (9, 9, 9) and 3 more"."""
    found, counts = np.unique(keys, return_counts=True)
    ranked = colours_of(found[np.argsort(-counts, kind="stable")])
    names = ", ".join(_rgb(colour) for colour in ranked[:MOST_NAMED])
    return names if len(ranked) <= MOST_NAMED else f"{names} and {len(ranked) - MOST_NAMED} more"


def _check_opaque(picture: Picture, alpha: str) -> None:
    if alpha == "drop":
        return
    if picture.palette is not None:
        opacity = picture.palette[:, 3]
        opacity = opacity[picture.pixels] if opacity.min() < 255 else opacity
    elif picture.header.mode in ("L", "RGB"):
        return
    else:
        opacity = picture.pixels[..., -1]
    clear = np.count_nonzero(opacity != np.iinfo(opacity.dtype).max)
    if clear:
        raise InputError(picture.path, f"{clear:,} pixels are not opaque, so their value may not be meant",
                         'export it without alpha, or declare "alpha": "drop" to ignore it')


def _is_coloured(rgb: NDArray) -> NDArray[np.bool_]:
    return (rgb[..., 0] != rgb[..., 1]) | (rgb[..., 0] != rgb[..., 2])


def _keys(rgb: NDArray) -> NDArray[np.uint32]:
    padded = np.zeros((*rgb.shape[:-1], 4), np.uint8)
    padded[..., :3] = rgb[..., :3]
    return padded.view("<u4")[..., 0].astype(np.uint32, copy=False)


def _rgb(colour: NDArray) -> str:
    return "({}, {}, {})".format(*colour[:3].tolist())
