"""The reader of masks for MONAI's `LoadImage` and `LoadImaged`: (H, W) uint8 class ids, whatever the files hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from monai.config import PathLike
from monai.data import ImageReader
from monai.utils import MetaKeys, ensure_tuple
from numpy.typing import NDArray

from monai_seg.data.mask_encodings import MaskEncoding, parse_encoding
from monai_seg.data.picture_header import MAX_PIXELS


class MaskReader(ImageReader):
    """Reads a mask by its declared encoding; a pixel that does not fit is an error, never bent.

    As in `PictureReader`, files are read in `get_data`, because `LoadImage` swallows what `read` raises.

    Args:
        encoding: how masks are stored (see `monai_seg.data.mask_encodings`).
        max_pixels: the most pixels that a file may have by its header.

    Shape:
        Array: (H, W) uint8, class ids 0..classes-1.

    Raises:
        InputError: the encoding is impossible; or, on reading, what `decode_mask` and `load_picture` refuse.
    """

    def __init__(self, encoding: MaskEncoding, max_pixels: int = MAX_PIXELS) -> None:
        super().__init__()
        self.kind = parse_encoding(encoding)
        self.max_pixels = max_pixels

    @property
    def classes(self) -> int:
        """Number of class ids, background included."""
        return self.kind.classes

    def verify_suffix(self, filename: Sequence[PathLike] | PathLike) -> bool:
        """Return True: the encoding says how to read, not the name."""
        return True

    def read(self, data: Sequence[PathLike] | PathLike, **kwargs: Any) -> tuple[PathLike, ...]:
        """Return the paths for `get_data`, which reads the files (see the class)."""
        return ensure_tuple(data)

    def get_data(self, img: Sequence[PathLike]) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Return the class ids and MONAI's metadata of the mask that ``img`` names."""
        paths = [str(path) for path in img]
        mask = self.kind.decode(self.kind.load(paths, self.max_pixels))
        meta: dict[str, Any] = {
            MetaKeys.SPATIAL_SHAPE: np.asarray(mask.shape),
            MetaKeys.ORIGINAL_CHANNEL_DIM: float("nan"),
        }
        return mask, meta
