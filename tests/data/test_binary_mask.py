from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from monai_seg.data.mask_encodings import decode_mask, parse_encoding
from monai_seg.data.picture import Picture
from monai_seg.errors import InputError

Decode = Callable[..., Picture]


def grey(*values: int) -> np.ndarray:
    return np.array([values], np.uint8)


@pytest.mark.parametrize(("options", "values", "expected"), [
    ({}, (0, 255, 0), [0, 1, 0]),
    ({}, (0, 0, 0), [0, 0, 0]),
    ({}, (255, 255, 255), [1, 1, 1]),
    ({"foreground": 1}, (0, 1, 1), [0, 1, 1]),
    ({"threshold": 127}, (0, 127, 128), [0, 0, 1]),
    ({"threshold": 0}, (0, 1, 255), [0, 1, 1]),
])
def test_foreground_is_what_is_declared(
    picture: Decode, options: dict[str, int], values: tuple[int, ...], expected: list[int]
) -> None:
    mask = decode_mask(picture(grey(*values)), {"kind": "binary", **options})
    assert mask.dtype == np.uint8
    assert mask.tolist() == [expected]


@pytest.mark.parametrize("options", [{}, {"foreground": 1}, {"threshold": 127}])
def test_the_set_bits_of_a_one_bit_file_are_foreground(picture: Decode, options: dict[str, int]) -> None:
    bits = Image.fromarray(np.array([[True, False]]))
    assert decode_mask(picture(bits), {"kind": "binary", **options}).tolist() == [[1, 0]]


def test_grey_in_three_channels_or_in_a_palette_is_grey(picture: Decode) -> None:
    rgb = np.repeat(grey(0, 255)[..., None], 3, axis=-1)
    palette = Image.fromarray(grey(0, 1))
    palette.putpalette([0, 0, 0, 255, 255, 255])
    for stored in (rgb, palette):
        assert decode_mask(picture(stored), {"kind": "binary"}).tolist() == [[0, 1]]


@pytest.mark.parametrize(("options", "pixels", "message"), [
    ({}, grey(0, 1, 1), '2 pixels are neither 0 nor 255 but 1; declare "foreground": 1'),
    ({}, grey(0, 3, 9, 9, 255), '3 pixels are neither 0 nor 255 but 3, 9; declare "threshold": 127 if grey edges'),
    ({}, grey(*range(1, 9)), "8 pixels are neither 0 nor 255 but 1, 2, 3, 4, 5 and 3 more"),
    ({"foreground": 1}, grey(0, 255, 255), '2 pixels are neither 0 nor 1 but 255; declare "foreground": 255'),
    ({"threshold": 127}, grey(0, 1), 'only the values 0 and 1, all below the threshold 127; declare "foreground": 1'),
    ({}, np.array([[[0, 0, 0], [255, 0, 0]]], np.uint8), r"1 pixels are coloured, say \(255, 0, 0\)"),
    ({}, np.array([[[0, 0], [255, 255]]], np.uint8), '1 pixels are not opaque, .* declare "alpha": "drop"'),
])
def test_what_does_not_fit_is_told_with_its_count(
    picture: Decode, options: dict[str, int], pixels: np.ndarray, message: str
) -> None:
    with pytest.raises(InputError, match=f"^mask.file: .*{message}"):
        decode_mask(picture(pixels), {"kind": "binary", **options})


def test_alpha_is_ignored_where_opaque_or_declared(picture: Decode) -> None:
    opaque = np.array([[[0, 255], [255, 255]]], np.uint8)
    assert decode_mask(picture(opaque), {"kind": "binary"}).tolist() == [[0, 1]]
    clear = np.array([[[0, 0], [255, 9]]], np.uint8)
    assert decode_mask(picture(clear), {"kind": "binary", "alpha": "drop"}).tolist() == [[0, 1]]


def test_grey_edges_of_a_jpeg_need_a_threshold(picture: Decode) -> None:
    disc = (np.hypot(*np.mgrid[-32:32, -32:32]) < 20).astype(np.uint8)
    read = picture(disc * 255, "JPEG")
    with pytest.raises(InputError, match=r'pixels are neither 0 nor 255 .* "threshold": 127'):
        decode_mask(read, {"kind": "binary"})
    assert np.mean(decode_mask(read, {"kind": "binary", "threshold": 127}) != disc) < 0.01


@pytest.mark.parametrize(("options", "message"), [
    ({"foreground": 0}, '"foreground" is 0; give a whole number from 1 to 65535'),
    ({"foreground": True}, '"foreground" is True'),
    ({"threshold": 255}, '"threshold" is 255; give a whole number from 0 to 254'),
    ({"threshold": 0.5}, '"threshold" is 0.5'),
    ({"alpha": "ignore"}, "\"alpha\" is 'ignore'; choose one of 'refuse', 'drop'"),
])
def test_impossible_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_encoding({"kind": "binary", **options})
