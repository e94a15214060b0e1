"""Convert a decoded picture to the grey or RGB samples that a network is fed, as declared and never by guess."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.picture import Picture

BACKGROUNDS: Mapping[str, int | None] = MappingProxyType({"drop": None, "black": 0, "white": 255})


def convert_picture(picture: Picture, mode: str, alpha: str = "drop") -> NDArray:
    """Return the picture as one sees it.

    Args:
        picture: of any mode and depth; the depth stays.
        mode: "L" for grey (colours by their luminance), or "RGB" (grey three times).
        alpha: "drop" ignores an alpha channel; "black" and "white" lay the picture over that colour, rounded.

    Returns:
        (H, W) for "L", (H, W, 3) for "RGB"; uint8, or uint16 where the file has 16 bits.
    """
    if picture.palette is None:
        return _to_mode(_flatten(picture.pixels, picture.header.mode, alpha), mode)
    table = _to_mode(_flatten(picture.palette[None], "RGBA", alpha), mode)[0]  # as few colours, not many pixels
    return table[picture.pixels]


def deepen(pixels: NDArray) -> NDArray[np.uint16]:
    """Return 8-bit samples on the scale of 16 bits: times 257, so that 255 becomes 65535; 16-bit ones unchanged."""
    return pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * np.uint16(257)


def _flatten(pixels: NDArray, mode: str, alpha: str) -> NDArray:
    if mode not in ("LA", "RGBA"):
        return pixels
    colour, opacity = pixels[..., :-1], pixels[..., -1:]
    background = BACKGROUNDS[alpha]
    if background is not None:
        full = np.uint32(np.iinfo(pixels.dtype).max)
        behind = full if background else np.uint32(0)
        mixed = colour * opacity.astype(np.uint32) + behind * (full - opacity)
        colour = ((mixed + full // 2) // full).astype(pixels.dtype)
    return colour[..., 0] if mode == "LA" else colour


def _to_mode(pixels: NDArray, mode: str) -> NDArray:
    is_grey = pixels.ndim == 2
    if is_grey == (mode == "L"):
        return np.ascontiguousarray(pixels)
    return np.repeat(pixels[..., None], 3, axis=-1) if is_grey else _luminance(pixels)


def _luminance(rgb: NDArray) -> NDArray:
    """ITU-R BT.601 luminance in Pillow's fixed-point arithmetic, for 16 bits too."""
    if rgb.dtype == np.uint8:
        return np.array(Image.fromarray(np.ascontiguousarray(rgb)).convert("L"))
    red, green, blue = np.moveaxis(rgb.astype(np.uint32), -1, 0)
    return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint16)
