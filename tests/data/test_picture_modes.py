from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.picture import Picture, decode_picture
from monai_seg.data.picture_modes import convert_picture, deepen

Decode = Callable[..., Picture]
HALF_CLEAR_AND_CLEAR = [(100, 150), (255, 0)]  # (grey, alpha)


@pytest.mark.parametrize(("alpha", "expected"), [
    ("drop", [100, 255]),
    ("black", [59, 0]),  # 100 * 150/255 = 58.8
    ("white", [164, 255]),  # 58.8 + 255 * 105/255 = 163.8
])
def test_alpha_is_treated_as_declared(picture: Decode, alpha: str, expected: list[int]) -> None:
    read = picture(np.array([HALF_CLEAR_AND_CLEAR], np.uint8))
    assert convert_picture(read, "L", alpha).tolist() == [expected]
    assert convert_picture(read, "RGB", alpha).tolist() == [[[value] * 3 for value in expected]]


@pytest.mark.parametrize("alpha", ["drop", "black", "white"])
def test_opaque_pixels_do_not_depend_on_alpha(picture: Decode, noise: NDArray, alpha: str) -> None:
    opaque = np.dstack([noise, np.full(noise.shape[:2], 255, np.uint8)])
    assert np.array_equal(convert_picture(picture(opaque), "RGB", alpha), noise)


@pytest.mark.parametrize("alpha", ["drop", "black", "white"])
def test_a_palette_is_read_as_its_colours_are(picture: Decode, noise: NDArray, alpha: str) -> None:
    image = Image.fromarray(noise).quantize(200)
    transparency = bytes(np.random.default_rng(3).integers(0, 256, 200, dtype=np.uint8))
    as_rgba = picture(Image.fromarray(np.asarray(decode_rgba(image, transparency))))
    for mode in ("L", "RGB"):
        read = convert_picture(picture(image, transparency=transparency), mode, alpha)
        assert np.array_equal(read, convert_picture(as_rgba, mode, alpha))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_16_bit_samples_convert_like_8_bit_ones(
    picture: Decode, deep_png: Callable[[NDArray], bytes], noise: NDArray, mode: str
) -> None:
    deep = decode_picture(deep_png(deepen(noise)), "x.png")
    shallow = convert_picture(picture(noise), mode)
    difference = convert_picture(deep, mode).astype(int) - deepen(shallow)
    assert np.abs(difference).max() <= (128 if mode == "L" else 0)  # half a step of 8 bits: grey is rounded finer


def test_deepening_keeps_black_and_white() -> None:
    assert deepen(np.array([0, 1, 255], np.uint8)).tolist() == [0, 257, 65535]
    deep = np.array([3], np.uint16)
    assert deepen(deep) is deep


def decode_rgba(image: Image.Image, transparency: bytes) -> NDArray:
    palette = np.array(image.getpalette(), np.uint8).reshape(-1, 3)[:200]
    return np.column_stack([palette, np.frombuffer(transparency, np.uint8)])[np.asarray(image)]
