"""What one pass over an image tells: its header, a digest of its pixels and a small grey picture of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.picture import Picture, load_picture
from monai_seg.data.picture_modes import convert_picture

THUMB_SIDE = 32
COLOUR_CONTRAST = 12  # levels between two channels of a thumbnail's pixel; JPEG's own colour noise stays below

DIM, FLAT = 16.0, 0.25  # standard deviation of a thumbnail in levels: stretch below the first, not below the second


@dataclass(frozen=True)
class ImageFacts:
    """Facts of an image.

    Args:
        format, mode, bits: of the file, see `PictureHeader`.
        size: (H, W) in px, as one sees it.
        digest: equal for equal decoded pixels, whatever the compression; hex.
        thumb: (32, 32) uint8, the grey picture squeezed into a square; a dim one is stretched to 0..255.
        has_colour: some region is not grey.
        is_blank: all pixels are equal.
        highest: the highest sample; 255 where the file has 8 bits or fewer, as nobody asks then.
    """

    format: str
    mode: str
    bits: int
    size: tuple[int, int]
    digest: str
    thumb: NDArray[np.uint8]
    has_colour: bool
    is_blank: bool
    highest: int = 255


def image_facts(path: str) -> ImageFacts:
    """Read the image ``path`` once.

    Raises:
        InputError: what `load_picture` refuses.
    """
    picture = load_picture(path)
    header = picture.header
    colours, grey, is_blank = _thumb(picture)
    contrast = colours.max(axis=-1).astype(int) - colours.min(axis=-1) if colours is not None else np.zeros(1)
    return ImageFacts(header.format, header.mode, header.bits, header.size, _digest(picture), grey,
                      bool((contrast > COLOUR_CONTRAST).any()), is_blank,
                      int(picture.pixels.max()) if header.bits == 16 else 255)


def _digest(picture: Picture) -> str:
    digest = hashlib.sha256(f"{picture.header.mode} {picture.pixels.shape} {picture.pixels.dtype}".encode())
    digest.update(picture.pixels.data)
    if picture.palette is not None:
        digest.update(picture.palette.tobytes())
    return digest.hexdigest()[:32]


def _thumb(picture: Picture) -> tuple[NDArray | None, NDArray[np.uint8], bool]:
    """Return the thumbnail in colour (None for a grey picture) and in grey, and whether the picture is blank."""
    if picture.palette is not None:
        picture = replace(picture, pixels=convert_picture(picture, "RGB"), palette=None)
    pixels = picture.pixels if picture.pixels.ndim == 2 or picture.pixels.shape[2] != 2 else picture.pixels[..., 0]
    image = Image.fromarray(np.ascontiguousarray(eight_bits(pixels[..., :3] if pixels.ndim == 3 else pixels)))
    small = _shrunk(image)
    extrema = np.array(image.getextrema()).reshape(-1, 2)
    is_blank = bool((extrema[:, 0] == extrema[:, 1]).all())
    colours = None if image.mode == "L" else np.asarray(small)
    grey = np.asarray(small.convert("L"))
    return colours, grey if grey.std() > DIM else _stretched(image, grey), is_blank


def _shrunk(image: Image.Image) -> Image.Image:
    """Return ``image`` squeezed into the thumbnail's square; a mirrored image gives the mirrored thumbnail."""
    is_whole = image.width % THUMB_SIDE == 0 and image.height % THUMB_SIDE == 0
    # shrinking by whole factors first is twice as fast, but where a rest is left it shifts the picture
    return image.resize((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BOX, reducing_gap=1.0 if is_whole else None)


def _stretched(image: Image.Image, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the grey thumbnail of a dim picture over the full range, as whole levels would round its features away."""
    fine = np.asarray(_shrunk(image.convert("L").convert("F")))
    if fine.std() < FLAT:
        return grey
    return np.rint((fine - fine.min()) / np.ptp(fine) * 255).astype(np.uint8)


def eight_bits(pixels: NDArray) -> NDArray[np.uint8]:
    """Return the samples on 8 bits; 16-bit ones lose their lower bits, as many as their largest value needs."""
    if pixels.dtype == np.uint8:
        return pixels
    return (pixels >> max(0, int(pixels.max()).bit_length() - 8)).astype(np.uint8)
