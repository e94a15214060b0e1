from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from monai_seg.data.picture import load_picture
from monai_seg.data.picture_header import check_header, read_header
from monai_seg.errors import InputError

Store = Callable[..., bytes]
GREY = Image.new("L", (30, 20), 7)


@pytest.mark.parametrize(("picture_format", "image", "mode", "bits"), [
    ("PNG", GREY, "L", 8),
    ("PNG", Image.new("1", (30, 20)), "L", 1),
    ("PNG", Image.new("LA", (30, 20)), "LA", 8),
    ("PNG", Image.new("RGBA", (30, 20)), "RGBA", 8),
    ("PNG", Image.new("I;16", (30, 20)), "L", 16),
    ("JPEG", GREY, "L", 8),
    ("JPEG", Image.new("RGB", (30, 20)), "RGB", 8),
    ("JPEG", Image.new("CMYK", (30, 20)), "CMYK", 8),
    ("BMP", Image.new("1", (30, 20)), "L", 1),
    ("BMP", Image.new("RGB", (30, 20)), "RGB", 8),
    ("TIFF", Image.new("I;16", (30, 20)), "L", 16),
    ("TIFF", Image.new("F", (30, 20)), "F", 32),
    ("GIF", Image.new("P", (30, 20)), "P", 8),
])
def test_a_header_tells_what_was_stored(
    tmp_path: Path, stored: Store, picture_format: str, image: Image.Image, mode: str, bits: int
) -> None:
    path = tmp_path / "x.any"
    path.write_bytes(stored(image, picture_format))
    header = read_header(path)
    assert (header.format, header.mode, header.bits, header.size) == (picture_format, mode, bits, (20, 30))
    assert (header.path, header.frames, header.orientation) == (str(path), 1, 1)


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "TIFF"])
def test_size_and_orientation_are_those_one_sees(tmp_path: Path, stored: Store, picture_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "x"
    path.write_bytes(stored(GREY, picture_format, exif=exif))
    assert read_header(path).size == (30, 20)
    assert load_picture(path).pixels.shape == (30, 20)


@pytest.mark.parametrize("picture_format", ["PNG", "TIFF", "GIF"])
def test_frames_are_counted_and_refused(tmp_path: Path, stored: Store, picture_format: str) -> None:
    frames = [Image.fromarray(np.full((20, 30), value, np.uint8)) for value in (0, 100, 200)]
    path = tmp_path / "x"
    path.write_bytes(stored(frames[0], picture_format, save_all=True, append_images=frames[1:]))
    assert read_header(path).frames == 3
    with pytest.raises(InputError, match="x: holds 3 frames, expected one picture; save the frame"):
        load_picture(path)


def test_a_bomb_is_told_by_its_header_and_refused(tmp_path: Path, chunk: Callable[[bytes, bytes], bytes]) -> None:
    path = tmp_path / "bomb.png"
    sides = struct.pack(">IIBBBBB", 60_000, 50_000, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", sides) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    assert read_header(path).size == (50_000, 60_000)
    with pytest.raises(InputError, match=r"60000 x 50000 px are 3,000,000,000 pixels, the limit is 400,000,000; cut"):
        load_picture(path)


@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "BMP", "TIFF", "GIF"])
def test_the_limit_holds_in_every_format(tmp_path: Path, stored: Store, picture_format: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(stored(GREY, picture_format))
    assert load_picture(path, max_pixels=600).pixels.shape == (20, 30)
    with pytest.raises(InputError, match="30 x 20 px are 600 pixels, the limit is 599"):
        load_picture(path, max_pixels=599)


@pytest.mark.parametrize(("picture_format", "mode", "options", "message"), [
    ("JPEG", "CMYK", {}, "8-bit samples in mode CMYK cannot be read right; export it"),
    ("TIFF", "F", {}, "32-bit samples in mode F cannot"),
    ("TIFF", "I", {}, "32-bit samples in mode I cannot"),
    ("TIFF", "I;16", {"tiffinfo": {262: 0}}, "16-bit samples in mode white-is-zero cannot"),
])
def test_what_cannot_be_read_right_is_refused(
    tmp_path: Path, stored: Store, picture_format: str, mode: str, options: dict[str, Any], message: str
) -> None:
    path = tmp_path / "x"
    path.write_bytes(stored(Image.new(mode, (4, 4)), picture_format, **options))
    with pytest.raises(InputError, match=message):
        check_header(read_header(path))
