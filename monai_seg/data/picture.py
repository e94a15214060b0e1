"""A picture file, proved whole and decoded to its stored samples, upright; nothing is converted here."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.picture_end import check_end
from monai_seg.data.picture_file import open_picture_file, picture_format
from monai_seg.data.picture_header import MAX_PIXELS, PictureHeader, check_header, pillow_header, png_header
from monai_seg.data.pillow_files import open_with_pillow, pillow_failures_named
from monai_seg.data.png_chunks import join_pixel_chunks, parse_png_header, walk_chunks
from monai_seg.data.png_deep import decode_16_bits
from monai_seg.data.png_rows import check_rows, mark_rows

PALETTE_SIZE = 256
ROWS = 512  # taken from Pillow at a time


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    Args:
        header: what the file says about itself; its mode is that of ``pixels``, so a grey PNG with a transparent colour
            is "LA" here.
        pixels: (H, W) for the modes L and P, otherwise (H, W, C) with C = 2 (LA), 3 (RGB), 4 (RGBA). uint16 where the
            header says 16 bits, otherwise uint8. Grey of 1, 2 or 4 bits is stretched to 0..255.
        palette: (256, 4) uint8 RGBA colours of a P picture, opaque black where the file has none; None for other modes.
    """

    header: PictureHeader
    pixels: NDArray
    palette: NDArray[np.uint8] | None = None

    @property
    def path(self) -> str:
        return self.header.path


def load_picture(path: str | Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read ``path`` once into memory, prove it and decode it.

    Raises:
        InputError: no such file, not a picture, damaged, cut off, too large, or of a kind that `check_header` refuses.
    """
    with open_picture_file(path) as file:
        return decode_picture(file.read(), path, max_pixels)


def decode_picture(data: bytes, path: str | Path, max_pixels: int = MAX_PIXELS) -> Picture:
    """Decode a picture file's content; ``path`` is named in errors (see `load_picture`)."""
    kind = picture_format(data, path)
    if kind == "PNG":
        chunks = list(walk_chunks(io.BytesIO(data), path))
        header = png_header(parse_png_header(chunks, path), path)
        check_header(header, max_pixels)
        with pillow_failures_named(path, kind):
            picture = _decode(join_pixel_chunks(chunks), header)
            check_rows(chunks, picture.pixels, path)
    else:
        check_end(data, kind, path)
        with pillow_failures_named(path, kind):
            header = pillow_header(open_with_pillow(data, kind), path)
            check_header(header, max_pixels)
            picture = _decode(data, header)
    return replace(picture, pixels=turn_upright(picture.pixels, header.orientation))


def turn_upright(pixels: NDArray, orientation: int) -> NDArray:
    """Return ``pixels`` (H, W, ...) as one should see them, given the EXIF orientation 1..8 of the file.

    Source:
        Exif 2.32 (CIPA DC-008), tag 0x0112: which sides row 0 and column 0 of the stored pixels are.
    """
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    flip_rows, flip_columns = orientation in (3, 4, 7, 8), orientation in (2, 3, 6, 7)
    return np.ascontiguousarray(pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1])


def _decode(data: bytes, header: PictureHeader) -> Picture:
    """Return the picture with its rows as the file has them."""
    if header.bits == 16 and header.format == "PNG":
        return Picture(header, decode_16_bits(data, header.mode))
    file = open_with_pillow(data, header.format)
    if header.format == "PNG":
        mark_rows(file)
    image: Image.Image = file
    palette = _palette(image) if header.mode == "P" else None
    if header.transparent_colour:
        header = replace(header, mode="LA" if header.mode == "L" else "RGBA")
        image = image.convert(header.mode)
    return Picture(header, _pixels(image), palette)


def _pixels(image: Image.Image) -> NDArray:
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype(np.uint16)  # from either byte order
    image = image.convert("L") if image.mode == "1" else image
    bands = len(image.getbands())
    pixels = np.empty((image.height, image.width, bands) if bands > 1 else (image.height, image.width), np.uint8)
    for top in range(0, image.height, ROWS):  # as a whole, Pillow would hold it three times more on the way
        bottom = min(top + ROWS, image.height)
        pixels[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return pixels


def _palette(image: Image.Image) -> NDArray[np.uint8]:
    image.load()
    palette = np.zeros((PALETTE_SIZE, 4), np.uint8)
    palette[:, 3] = 255
    colours = np.array(image.getpalette("RGB") or [], np.uint8).reshape(-1, 3)[:PALETTE_SIZE]
    palette[: len(colours), :3] = colours
    transparent = image.info.get("transparency")  # one index (GIF), or an alpha per index (PNG)
    if isinstance(transparent, int):
        palette[transparent, 3] = 0
    elif transparent is not None:
        alpha = np.frombuffer(transparent, np.uint8)[:PALETTE_SIZE]
        palette[: len(alpha), 3] = alpha
    return palette
