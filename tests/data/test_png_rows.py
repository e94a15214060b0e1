from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from monai_seg.data.picture import decode_picture
from monai_seg.data.png_chunks import walk_chunks
from monai_seg.data.png_rows import ADAM7, MARK, check_rows, stream_bytes
from monai_seg.errors import InputError

Chunk = Callable[[bytes, bytes], bytes]
MODES = [("L", 1), ("L", 2), ("L", 8), ("L", 16), ("P", 2), ("LA", 8), ("LA", 16), ("RGB", 8), ("RGB", 16), ("RGBA", 8),
         ("RGBA", 16)]
SAMPLES = {"L": (0, 1), "P": (3, 1), "LA": (4, 2), "RGB": (2, 3), "RGBA": (6, 4)}


def png(chunk: Chunk, stream: bytes, width: int, height: int, bits: int, colour_type: int, interlace: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, interlace)
    palette = chunk(b"PLTE", bytes(range(12))) if colour_type == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + chunk(b"IDAT", stream) + chunk(b"IEND", b"")


@pytest.mark.parametrize("rows", [1, 6, 9])
@pytest.mark.parametrize("interlace", [0, 1])
@pytest.mark.parametrize(("mode", "bits"), MODES)
def test_a_black_picture_is_whole_to_the_byte(chunk: Chunk, mode: str, bits: int, interlace: int, rows: int) -> None:
    colour_type, samples = SAMPLES[mode]
    length = stream_bytes(7, rows, bits * samples, bool(interlace))
    whole, short = (png(chunk, zlib.compress(bytes(size)), 7, rows, bits, colour_type, interlace)
                    for size in (length, length - 1))
    assert not decode_picture(whole, "x.png").pixels.any()
    pixels = np.full((rows, 7), MARK)
    with pytest.raises(InputError, match=rf"^x\.png: the PNG is damaged: it holds .* its {rows} rows; copy it again"):
        check_rows(list(walk_chunks(io.BytesIO(short), "x.png")), pixels, "x.png")


@pytest.mark.parametrize("kept", range(1, 16))
def test_lacking_rows_are_found_whatever_stands_above(chunk: Chunk, kept: int) -> None:
    pixels = np.random.default_rng(kept).integers(1, 256, (16, 16), dtype=np.uint8)
    rows = zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels[:kept]))
    with pytest.raises(InputError, match=f"holds {kept / 16:.0%} of the pixels of its 16 rows"):
        decode_picture(png(chunk, rows, 16, 16, 8, 0), "x.png")


@pytest.mark.parametrize("rows", [2, 6, 9])
@pytest.mark.parametrize("interlace", [0, 1])
@pytest.mark.parametrize(("mode", "bits"), MODES)
def test_a_lacking_row_is_found_in_every_mode(chunk: Chunk, mode: str, bits: int, interlace: int, rows: int) -> None:
    colour_type, samples = SAMPLES[mode]
    length = stream_bytes(7, rows - 1, bits * samples, bool(interlace))
    with pytest.raises(InputError, match=r"^x\.png: the PNG is damaged"):
        decode_picture(png(chunk, zlib.compress(bytes(length)), 7, rows, bits, colour_type, interlace), "x.png")


@pytest.mark.parametrize("value", [0, 1, 170, MARK, 255])
def test_a_whole_picture_of_any_colour_is_read(chunk: Chunk, value: int) -> None:
    rows = zlib.compress((b"\0" + bytes([value]) * 12) * 5)
    assert (decode_picture(png(chunk, rows, 4, 5, 8, 2), "x.png").pixels == value).all()
    assert (decode_picture(png(chunk, rows, 6, 5, 16, 0), "x.png").pixels == value * 257).all()


def test_an_opaque_alpha_proves_no_row(chunk: Chunk) -> None:
    rows = zlib.compress(b"\0" + bytes([9]) * 4)  # one of two rows; tRNS makes the other opaque black
    content = png(chunk, rows, 4, 2, 8, 0)
    place = content.index(b"IDAT") - 4
    with pytest.raises(InputError, match="holds 50% of the pixels"):
        decode_picture(content[:place] + chunk(b"tRNS", b"\0\7") + content[place:], "x.png")


def test_a_stream_longer_than_the_picture_is_read_no_further(chunk: Chunk) -> None:
    bomb = zlib.compress(bytes(100_000_000))
    assert decode_picture(png(chunk, bomb, 4, 4, 8, 0), "x.png").header.size == (4, 4)


@pytest.mark.parametrize(("height", "width"), list(itertools.product((1, 2, 3, 5, 8, 9, 17), repeat=2)))
def test_the_seven_passes_are_every_pixel_once(height: int, width: int) -> None:
    seen: NDArray = np.zeros((height, width), int)
    for row, rows, column, columns in ADAM7:
        seen[row::rows, column::columns] += 1
    assert (seen == 1).all()


def test_the_length_by_hand() -> None:
    assert stream_bytes(3, 2, 24, interlaced=False) == 2 * (1 + 3 * 3)
    assert stream_bytes(9, 1, 1, interlaced=False) == 1 + 2  # nine bits are two bytes
    # 3 x 3: pass 1 has pixel (0, 0), pass 4 (0, 2), pass 5 (2, 0) and (2, 2), pass 6 (0, 1) and (2, 1), pass 7 row 1
    assert stream_bytes(3, 3, 8, interlaced=True) == (1 + 1) + (1 + 1) + (1 + 2) + 2 * (1 + 1) + (1 + 3)
