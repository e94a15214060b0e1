from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from monai_seg.data.picture import decode_picture
from monai_seg.data.png_chunks import join_pixel_chunks, parse_png_header, walk_chunks
from monai_seg.errors import InputError

MASK = np.pad(np.full((5, 7), 255, np.uint8), 2)


def test_every_flipped_bit_is_found(stored: Callable[..., bytes]) -> None:
    content = stored(MASK)
    for position in range(8 * len(content)):
        damaged = bytearray(content)
        damaged[position // 8] ^= 1 << position % 8
        with pytest.raises(InputError, match=r"^x\.png: "):
            decode_picture(bytes(damaged), "x.png")


def test_every_cut_is_found(stored: Callable[..., bytes]) -> None:
    content = stored(MASK)
    for length in range(1, len(content)):
        with pytest.raises(InputError, match=r"^x\.png: "):
            decode_picture(content[:length], "x.png")


def test_the_damaged_chunk_is_named(stored: Callable[..., bytes]) -> None:
    content = bytearray(stored(MASK))
    content[content.index(b"IDAT") + 6] ^= 1
    with pytest.raises(InputError, match=r"wrong checksum of chunk 'IDAT' at byte 33; copy it again"):
        list(walk_chunks(io.BytesIO(bytes(content)), "x.png"))


def test_bytes_behind_the_end_do_no_harm(stored: Callable[..., bytes]) -> None:
    assert np.array_equal(decode_picture(stored(MASK) + b"junk", "x.png").pixels, MASK)


def test_text_and_profile_never_reach_the_decoder(stored: Callable[..., bytes]) -> None:
    text = PngInfo()
    text.add_text("Patient", "Doe", zip=True)
    content = stored(MASK, pnginfo=text, icc_profile=b"profile")
    chunks = list(walk_chunks(io.BytesIO(content), "x.png"))
    assert {b"zTXt", b"iCCP"} <= {chunk.kind for chunk in chunks}
    image = Image.open(io.BytesIO(join_pixel_chunks(chunks)))
    assert np.array_equal(np.asarray(image), MASK)
    assert not image.info


def test_a_text_bomb_does_no_harm(stored: Callable[..., bytes]) -> None:
    text = PngInfo()
    text.add_text("x", "0" * 2_000_000, zip=True)  # Pillow refuses more than 1 MB of text
    assert np.array_equal(decode_picture(stored(MASK, pnginfo=text), "x.png").pixels, MASK)


def test_headers_are_read_without_the_pixels(noise: NDArray, stored: Callable[..., bytes]) -> None:
    content = bytearray(stored(noise))
    content[content.index(b"IDAT") + 6] ^= 1
    header = parse_png_header(list(walk_chunks(io.BytesIO(bytes(content)), "x.png", skip_pixels=True)), "x.png")
    assert (header.mode, header.bits, header.width, header.height, header.frames) == ("RGB", 8, 30, 20, 1)


def test_a_cut_is_found_without_the_pixels(noise: NDArray, stored: Callable[..., bytes]) -> None:
    content = stored(noise)
    with pytest.raises(InputError, match=f"cut off: it ends at byte {len(content) - 1}"):
        list(walk_chunks(io.BytesIO(content[:-1]), "x.png", skip_pixels=True))


@pytest.mark.parametrize("order", [("IDAT", "IHDR", "IEND"), ("IHDR", "IEND")])
def test_a_png_out_of_order_is_refused(order: tuple[str, ...], stored: Callable[..., bytes]) -> None:
    by_kind = {part.kind.decode(): part for part in walk_chunks(io.BytesIO(stored(MASK)), "x.png")}
    with pytest.raises(InputError, match="the PNG is damaged"):
        decode_picture(join_pixel_chunks([by_kind[kind] for kind in order]), "x.png")
