"""Flip single bits of PNG pairs: each flip must be refused or leave the pixels as they are."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from clean_sets import draw_image, draw_mask
from png_parts import stored

from monai_seg.data.mask_encodings import decode_mask
from monai_seg.data.picture import decode_picture
from monai_seg.errors import InputError

BINARY = {"kind": "binary"}


class FlipResult(NamedTuple):
    """Flips tried, refused, harmless (same pixels), and those that loaded as other pixels or failed otherwise."""

    flips: int
    refused: int
    harmless: int
    wrong: list[str]


def flip_bits(flips: int, seed: int = 0) -> FlipResult:
    """Flip ``flips`` bits, one at a time, in images and masks in turn."""
    rng = np.random.default_rng(seed)
    refused = harmless = 0
    wrong: list[str] = []
    for number in range(flips):
        is_mask = number % 2 == 1
        pixels = draw_mask(rng, 3).clip(0, 1) * np.uint8(255) if is_mask else draw_image(rng, 32)
        data = bytearray(stored(pixels))
        place = int(rng.integers(8 * len(data)))
        data[place // 8] ^= 1 << place % 8
        path = Path(f"{'mask' if is_mask else 'image'}_{number}.png")
        try:
            picture = decode_picture(bytes(data), path)
            got = decode_mask(picture, BINARY) * np.uint8(255) if is_mask else picture.pixels
        except InputError as error:
            refused += path.name in str(error)
            if path.name not in str(error):
                wrong.append(f"bit {place}: {error}")
            continue
        except Exception as error:
            wrong.append(f"bit {place} of {path}: {type(error).__name__}")
            continue
        if np.array_equal(got, pixels):
            harmless += 1
        else:
            wrong.append(f"bit {place} of {path}: other pixels")
    return FlipResult(flips, refused, harmless, wrong)
