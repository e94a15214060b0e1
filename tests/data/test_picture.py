from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from monai_seg.data.picture import Picture, decode_picture, load_picture, turn_upright
from monai_seg.errors import InputError

Store = Callable[..., bytes]
LOSSLESS = ["PNG", "BMP", "TIFF"]


@pytest.mark.parametrize("picture_format", LOSSLESS)
@pytest.mark.parametrize("size", [(1, 1), (3, 7), (17, 8)])
def test_samples_come_back_rows_first(stored: Store, picture_format: str, size: tuple[int, int]) -> None:
    for shape in (size, (*size, 3)):
        pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
        read = decode_picture(stored(pixels, picture_format), "x")
        assert np.array_equal(read.pixels, pixels)
        assert read.pixels.flags.writeable and read.pixels.flags.c_contiguous  # torch warns otherwise


@pytest.mark.parametrize("picture_format", [*LOSSLESS, "GIF"])
def test_one_bit_is_black_and_white(stored: Store, picture_format: str) -> None:
    bits = np.array([[True, False, True], [False, False, True]])
    read = decode_picture(stored(Image.fromarray(bits), picture_format), "x")
    grey = read.pixels if read.palette is None else read.palette[read.pixels, 0]
    assert np.array_equal(grey, bits * 255)


def test_palette_and_its_transparency_are_kept(stored: Store) -> None:
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    image.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    read = decode_picture(stored(image, transparency=bytes([0, 128, 255])), "x.png")
    assert read.pixels.tolist() == [[0, 1, 2]]
    assert read.palette is not None
    assert read.palette[:4].tolist() == [[10, 20, 30, 0], [40, 50, 60, 128], [70, 80, 90, 255], [0, 0, 0, 255]]


def test_a_transparent_colour_becomes_alpha(stored: Store) -> None:
    read = decode_picture(stored(np.array([[5, 6]], np.uint8), transparency=6), "x.png")
    assert read.header.mode == "LA"
    assert read.pixels.tolist() == [[[5, 255], [6, 0]]]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_are_never_cut(deep_png: Callable[[NDArray], bytes], channels: int) -> None:
    samples = np.random.default_rng(2).integers(0, 65536, (5, 7, channels)).astype(np.uint16)
    samples = samples[..., 0] if channels == 1 else samples
    read = decode_picture(deep_png(samples), "x.png")
    assert read.pixels.dtype == np.uint16
    assert np.array_equal(read.pixels, samples)


def test_16_bit_tiff_is_read_in_both_byte_orders(stored: Store) -> None:
    samples = np.array([[1, 256, 65535]], np.uint16)
    for mode in ("I;16", "I;16B"):
        image = Image.frombytes(mode, (3, 1), samples.astype(">u2" if mode == "I;16B" else "<u2").tobytes())
        read = decode_picture(stored(image, "TIFF"), "x.tif")
        assert read.pixels.dtype == np.uint16
        assert np.array_equal(read.pixels, samples)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("picture_format", ["PNG", "JPEG", "TIFF"])
def test_orientation_is_applied(stored: Store, orientation: int, picture_format: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = np.zeros((16, 32), np.uint8)
    pixels[:8, :8] = 255
    content = stored(pixels, picture_format, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert expected is not None
    read = decode_picture(content, "x")
    assert read.header.size == expected.size[::-1]
    assert np.array_equal(read.pixels, np.asarray(expected))


def test_orientation_six_by_hand() -> None:
    stored_rows = np.array([[1, 2, 3], [4, 5, 6]])  # 6: row 0 is the right side, column 0 the top
    assert turn_upright(stored_rows, 6).tolist() == [[4, 1], [5, 2], [6, 3]]


@pytest.mark.parametrize(("picture_format", "options"), [
    ("JPEG", {}), ("JPEG", {"progressive": True}), ("BMP", {}), ("GIF", {}), ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {"compression": "packbits"}),
])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_every_cut_is_found(
    stored: Store, picture_format: str, options: dict[str, object], mode: str, noise: NDArray
) -> None:
    content = stored(Image.fromarray(noise[:9, :11]).convert(mode), picture_format, **options)
    assert isinstance(decode_picture(content, "x"), Picture)
    for length in (*range(1, len(content) - 50, 7), *range(len(content) - 50, len(content))):
        with pytest.raises(InputError, match=r"^x: "):
            decode_picture(content[:length], "x")


@pytest.mark.parametrize(("content", "message"), [
    (b"", r"the file is empty \(0 bytes\); copy it again"),
    (b"hello", "not a picture in PNG, JPEG, BMP, TIFF, GIF; export it as PNG"),
    (b"\0" * 128 + b"DICM", "expected a picture, got a DICOM file; export it as PNG"),
    (b"version https://git-lfs.github.com/spec/v1\n", "got a Git LFS pointer, .*; run git lfs pull"),
    (b"<!DOCTYPE html>", "got a text file in XML or HTML; download"),
    (b"GIF89a", "the GIF is cut off: it ends at byte 6"),
    (b"BM\0", "the BMP is cut off"),
    (b"II*\0\xff\xff\xff\0", "the TIFF is cut off"),
    (b"\xff\xd8\xff" + b"\0" * 20, "the JPEG is cut off"),
    (b"\xff\xd8\xff\xe0\0\x02\xff\xda\0\x02\xff\xd9", "the JPEG is damaged"),
])
def test_no_picture_is_told_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        load_picture(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.png: no such file; restore it"):
        load_picture(tmp_path / "none.png")
    with pytest.raises(InputError, match="is a folder, expected a picture file"):
        load_picture(tmp_path)


def test_a_16_bit_colour_tiff_is_refused(stored: Store) -> None:
    content = bytearray(stored(np.zeros((1, 2, 3), np.uint8), "TIFF"))
    eights, sixteens = np.array([8, 8, 8], "<u2").tobytes(), np.array([16, 16, 16], "<u2").tobytes()
    assert content.count(eights) == 1
    content = content.replace(eights, sixteens)
    with pytest.raises(InputError, match="a 16-bit colour TIFF would be cut to 8 bits; export it as 16-bit PNG"):
        decode_picture(bytes(content), "x.tif")
