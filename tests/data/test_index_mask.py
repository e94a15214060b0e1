from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.mask_encodings import decode_mask, encode_mask, parse_encoding
from monai_seg.data.picture import Picture, decode_picture
from monai_seg.errors import InputError

Decode = Callable[..., Picture]
CELLS = {"kind": "index", "classes": 3, "values": {"0": 0, "128": 1, "255": 2}}


def test_values_are_ids_or_stand_for_them(picture: Decode) -> None:
    ids = np.array([[0, 2, 1]], np.uint8)
    assert decode_mask(picture(ids), {"kind": "index", "classes": 3}).tolist() == ids.tolist()
    assert decode_mask(picture(np.array([[0, 255, 128]], np.uint8)), CELLS).tolist() == ids.tolist()


def test_several_values_may_mean_one_class_and_the_first_is_written() -> None:
    encoding = {"kind": "index", "classes": 2, "values": {"9": 0, "7": 1, "8": 1}}
    assert np.asarray(encode_mask(np.array([[0, 1]]), encoding)).tolist() == [[9, 7]]


@pytest.mark.parametrize(("encoding", "message"), [
    ({"kind": "index", "classes": 3}, '2 pixels have undeclared values: 7, 200; declare .* "values": {"7": 1}'),
    (CELLS, "4 pixels have undeclared values: 1, 2, 7, 200"),
])
def test_undeclared_values_are_told_with_their_count(picture: Decode, encoding: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^mask.file: {message}"):
        decode_mask(picture(np.array([[0, 1, 2, 7, 200]], np.uint8)), encoding)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_are_read_as_stored(stored: Callable[..., bytes], bits: int) -> None:
    ids = np.arange(2**bits, dtype=np.uint8)[None]
    image = Image.fromarray(ids)
    image.putpalette([0] * 768)
    content = as_grey(stored(image, bits=bits))
    read = decode_picture(content, "x.png")
    assert (read.header.mode, read.header.bits) == ("L", bits)
    assert decode_mask(read, {"kind": "index", "classes": max(2, 2**bits)}).tolist() == ids.tolist()


def test_16_bit_values_are_read(deep_png: Callable[[NDArray], bytes]) -> None:
    read = decode_picture(deep_png(np.array([[0, 40_000]], np.uint16)), "x.png")
    encoding = {"kind": "index", "classes": 2, "values": {"0": 0, "40000": 1}}
    assert decode_mask(read, encoding).tolist() == [[0, 1]]
    with pytest.raises(InputError, match="1 pixels have undeclared values: 40000"):
        decode_mask(read, {"kind": "index", "classes": 2})


def test_a_palette_is_taken_only_where_index_and_grey_agree(picture: Decode) -> None:
    image = Image.fromarray(np.array([[0, 1]], np.uint8))
    encoding = {"kind": "index", "classes": 2}
    image.putpalette([0, 0, 0, 1, 1, 1, 255, 0, 0])
    assert decode_mask(picture(image), encoding).tolist() == [[0, 1]]
    image.putpalette([0, 0, 0, 255, 255, 255])
    with pytest.raises(InputError, match='indices are not the grey values one sees; declare "kind": "palette"'):
        decode_mask(picture(image), encoding)


@pytest.mark.parametrize(("options", "message"), [
    ({"classes": 1}, '"classes" is 1; give a whole number from 2 to 255'),
    ({"classes": 3, "values": {"0": 0, "9": 1}}, 'no value in "values" means class 2'),
    ({"classes": 2, "values": {"0": 0, "9": 2}}, '"values of 9" is 2; give a whole number from 0 to 1'),
    ({"classes": 2, "values": {"white": 0}}, "\"values\" has the key 'white'; give grey values"),
    ({"classes": 2, "values": [0, 1]}, r'"values" is \[0, 1\]; give {"<grey value>"'),
])
def test_impossible_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_encoding({"kind": "index", **options})


def as_grey(palette_png: bytes) -> bytes:
    """Turn a palette PNG into the grey PNG with the same samples, which Pillow cannot write for 2 and 4 bits."""
    content = bytearray(palette_png)
    content[25] = 0  # colour type in IHDR
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    place = content.index(b"PLTE") - 4
    length = struct.unpack(">I", content[place : place + 4])[0]
    return bytes(content[:place] + content[place + 12 + length :])
