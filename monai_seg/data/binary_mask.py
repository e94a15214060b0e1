"""Binary masks: one grey value is the foreground, 0 is the background; or everything above a threshold is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.mask_kind import ALPHAS, PictureMask, check_mask, check_option, check_whole_number, grey_image
from monai_seg.data.mask_pixels import grey_pixels, named_values
from monai_seg.data.picture import Picture
from monai_seg.errors import InputError


@dataclass(frozen=True)
class BinaryMask(PictureMask):
    """Background (0) and foreground (1).

    Without ``threshold`` each pixel must be 0 or ``foreground``. In a 1-bit file the set bits are the foreground,
    whatever its value. With ``threshold`` (for JPEG and grey edges) a pixel is foreground where it is above it. A file
    of 0 and 1 under a larger foreground or threshold is refused, as it would come out empty.

    Args:
        foreground: grey value of the foreground, 1..65535; with a threshold the one that is written.
        threshold: highest grey value of the background, below ``foreground``; or None.
        alpha: "refuse" takes opaque files only, "drop" ignores an alpha channel.
    """

    foreground: int = 255
    threshold: int | None = None
    alpha: str = "refuse"
    classes = 2

    def __post_init__(self) -> None:
        check_option("alpha", self.alpha, ALPHAS)
        check_whole_number("foreground", self.foreground, 1, 65535)
        if self.threshold is not None:
            check_whole_number("threshold", self.threshold, 0, self.foreground - 1)

    def decode(self, source: Picture) -> NDArray[np.uint8]:
        grey = grey_pixels(source, self.alpha)
        if source.header.bits == 1:
            return (grey > 0).astype(np.uint8)
        if self.threshold is None:
            return self._decode_exactly(grey, source.path)
        if self.threshold and grey.max() == 1 and source.header.format != "JPEG":
            raise InputError(source.path, f"holds only the values 0 and 1, all below the threshold {self.threshold}",
                             'declare "foreground": 1 instead of the threshold')
        return (grey > self.threshold).astype(np.uint8)

    def encode(self, mask: NDArray) -> Image.Image:
        grey = np.uint8 if self.foreground <= 255 else np.uint16
        return grey_image(check_mask(mask, 2) * grey(self.foreground))

    def _decode_exactly(self, grey: NDArray, path: str) -> NDArray[np.uint8]:
        foreground = grey == self.foreground
        known = np.count_nonzero(foreground) + grey.size - np.count_nonzero(grey)
        if known < grey.size:
            wrong = grey[~foreground & (grey != 0)]
            mend = 'declare "threshold": 127 if grey edges are meant, or "kind": "index" if these are classes'
            if np.all(wrong == wrong[0]) and not foreground.any():
                mend = f'declare "foreground": {wrong[0]}'
            raise InputError(path, f"{wrong.size:,} pixels are neither 0 nor {self.foreground} but "
                             f"{named_values(wrong)}", mend)
        return foreground.view(np.uint8)
