"""Whether a mask shows anything, whatever its encoding: the class "empty" or "lesion" of a case."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from monai_seg.data.picture import load_picture
from monai_seg.data.picture_header import read_header
from monai_seg.errors import InputError

CLASS_NAMES = ("empty", "lesion")
JPEG_NOISE = 127  # black in a JPEG is seldom 0 everywhere


def lesion_class(mask: Path, image: Path | None = None) -> int:
    """Return 1 where a pixel of the mask is not 0 (in a JPEG: above `JPEG_NOISE`), else 0; its file is proved whole.

    Args:
        mask: a picture file.
        image: its image, whose size must be the same; only its header is read.

    Raises:
        InputError: a file cannot be read, or the sizes differ.
    """
    picture = load_picture(mask)
    if image is not None:
        size = read_header(image).size
        if size != picture.header.size:
            raise InputError(mask, f"mask is {picture.header.size}, image is {size} (H, W)", "export the mask again")
    pixels = picture.pixels
    if picture.palette is not None:
        pixels = np.any(picture.palette[:, :3] != 0, axis=1, keepdims=True)[pixels]
    elif picture.header.mode in ("LA", "RGBA"):
        pixels = pixels[..., :-1]
    return int(np.any(pixels > (JPEG_NOISE if picture.header.format == "JPEG" else 0)))
