"""The reader of images for MONAI's `LoadImage` and `LoadImaged`: PNG, JPEG, BMP, TIFF and GIF, rows first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from monai.config import PathLike
from monai.data import ImageReader
from monai.data.utils import is_supported_format
from monai.utils import MetaKeys, ensure_tuple
from numpy.typing import NDArray

from monai_seg.data.picture import Picture, load_picture
from monai_seg.data.picture_header import MAX_PIXELS
from monai_seg.data.picture_modes import BACKGROUNDS, convert_picture, deepen
from monai_seg.errors import InputError

SUFFIXES = ("png", "jpg", "jpeg", "bmp", "tif", "tiff", "gif")
READER_MODES = ("L", "RGB")
DEPTHS = (8, 16)


class PictureReader(ImageReader):
    """Reads a picture file to the declared mode and depth; what does not fit is refused, never bent.

    The content decides the format, not the name's ending. EXIF orientation is applied, colour profiles and text are
    ignored. JPEG, BMP, TIFF and GIF carry no checksums: a cut file is found in all formats, flipped bits in PNG only.

    The file is read in `get_data`, not in `read`: what `read` raises, `LoadImage` swallows, and then it tries MONAI's
    own readers, which would take the refused file.

    Args:
        mode: "L" for grey or "RGB"; files of any other mode are converted, a palette picture to the colours one sees.
        alpha: "drop" ignores an alpha channel; "black" and "white" lay the picture over that colour.
        depth: bits per sample of the result. With 8 a 16-bit file is an error; with 16 an 8-bit file is scaled by 257.
        max_pixels: the most pixels that a file may have by its header.

    Shape:
        Array: (H, W) for "L", (H, W, 3) for "RGB"; uint8, or uint16 with ``depth`` 16. As `PILReader` with
        ``reverse_indexing=False`` gives, but for ``spatial_shape``, which is (H, W) here.

    Raises:
        InputError: an argument is none of the choices; or, on reading, the file is missing, damaged, cut off, too
            large, of several frames or of another depth.
    """

    def __init__(self, mode: str, alpha: str = "drop", depth: int = 8, max_pixels: int = MAX_PIXELS) -> None:
        super().__init__()
        for name, value, choices in (
            ("mode", mode, READER_MODES), ("alpha", alpha, tuple(BACKGROUNDS)), ("depth", depth, DEPTHS),
        ):
            if value not in choices:
                raise InputError("PictureReader", f"{name} is {value!r}",
                                 f"choose one of {', '.join(map(repr, choices))}")
        self.mode, self.alpha, self.depth, self.max_pixels = mode, alpha, depth, max_pixels

    def verify_suffix(self, filename: Sequence[PathLike] | PathLike) -> bool:
        """Return whether the name (or every name) ends like a picture file's."""
        return is_supported_format(filename, SUFFIXES)

    def read(self, data: Sequence[PathLike] | PathLike, **kwargs: Any) -> tuple[PathLike, ...]:
        """Return the path for `get_data`, which reads the file (see the class)."""
        return ensure_tuple(data)

    def get_data(self, img: Sequence[PathLike]) -> tuple[NDArray, dict[str, Any]]:
        """Return the array and MONAI's metadata of the one file that ``img`` names."""
        if len(img) != 1:
            raise InputError(str(img[0]), f"one of {len(img)} files, expected one per image",
                             "list each image by itself")
        picture = load_picture(str(img[0]), self.max_pixels)
        if self.depth == 8 and picture.header.bits == 16:
            raise InputError(picture.path, "has 16 bits per sample, 8 are declared",
                             "declare depth 16 (--load_image %transforms/picture.json::load_image_16)")
        pixels = convert_picture(picture, self.mode, self.alpha)
        return (deepen(pixels) if self.depth == 16 else pixels), picture_meta(picture, self.mode)


def picture_meta(picture: Picture, mode: str) -> dict[str, Any]:
    """Return the metadata of a picture read in ``mode``; `MetaTensor` adds its identity affine, as for `PILReader`."""
    header = picture.header
    return {
        "format": header.format,
        "mode": mode,
        "width": header.width,
        "height": header.height,
        MetaKeys.SPATIAL_SHAPE: np.asarray(header.size),
        MetaKeys.ORIGINAL_CHANNEL_DIM: float("nan") if mode == "L" else -1,
    }
