"""PNG with 16 bits per sample in colour or with alpha, of which Pillow keeps the upper 8 bits only.

Its unfiltering is right, though; just the last step drops the lower byte. So that step is told another byte layout: RGB
and RGBA are decoded twice, as big-endian (upper byte) and as little-endian (the same place is then the lower byte). A
grey-alpha sample pair has the layout of one 8-bit RGBA pixel and is decoded once.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL.PngImagePlugin import PngImageFile

from monai_seg.data.png_rows import mark_rows


def decode_16_bits(content: bytes, mode: str) -> NDArray[np.uint16]:
    """Return the samples, (H, W) or (H, W, C), of a 16-bit PNG's ``content`` in mode "L", "LA", "RGB" or "RGBA"."""
    if mode == "L":
        return np.asarray(_marked(content)).astype(np.uint16)
    if mode == "LA":
        return _decode_as(content, "RGBA").view(">u2").astype(np.uint16)
    upper, lower = _decode_as(content, f"{mode};16B"), _decode_as(content, f"{mode};16L")
    return upper.astype(np.uint16) * np.uint16(256) + lower


def _decode_as(content: bytes, layout: str) -> NDArray[np.uint8]:
    image = _marked(content)
    codec, extents, offset, _ = image.tile[0]
    image.tile = [type(image.tile[0])(codec, extents, offset, layout)]
    return np.array(image)


def _marked(content: bytes) -> PngImageFile:
    image = PngImageFile(io.BytesIO(content))
    mark_rows(image)
    return image
