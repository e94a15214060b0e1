"""What a picture file says about itself: format, mode, bits, size, frames; read without decoding pixels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION, TiffImageFile

from monai_seg.data.picture_file import HEAD_BYTES, open_picture_file, picture_format
from monai_seg.data.pillow_files import open_with_pillow, pillow_failures_named
from monai_seg.data.png_chunks import parse_png_header, walk_chunks
from monai_seg.errors import InputError

MODES = ("L", "LA", "P", "RGB", "RGBA")
BITS = (1, 2, 4, 8, 16)
MAX_PIXELS = 400_000_000  # 1.2 GB as RGB; the largest mosaics of dermoscopy and microscopy fields stay below
ORIENTATION_TAG = 0x0112
EXPORT = "export it as 8-bit or 16-bit grey, RGB or palette PNG"
PILLOW_MODES = {"1": ("L", 1), "I;16": ("L", 16), "I;16L": ("L", 16), "I;16B": ("L", 16)}


@dataclass(frozen=True)
class PictureHeader:
    """The header of a picture file.

    Args:
        path: the file.
        format: "PNG", "JPEG", "BMP", "TIFF" or "GIF", by content.
        mode: "L" (grey), "LA", "P" (palette), "RGB" or "RGBA"; another of Pillow's modes where we cannot read the file.
        bits: bits per sample as stored: 1, 2, 4, 8 or 16; of a palette picture those of an index.
        width: columns in px, as one sees it (EXIF orientation applied).
        height: rows in px, as one sees it.
        frames: number of pictures in the file.
        orientation: EXIF orientation, 1 (upright) to 8; 1 for TIFF, which the decoder turns upright by itself.
        transparent_colour: one colour of a grey or RGB PNG stands for "transparent".
    """

    path: str
    format: str
    mode: str
    bits: int
    width: int
    height: int
    frames: int = 1
    orientation: int = 1
    transparent_colour: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) in px."""
        return self.height, self.width


def read_header(path: str | Path) -> PictureHeader:
    """Return the header of the picture file ``path``; no pixels are read, so thousands of files take seconds.

    Raises:
        InputError: no such file, a folder, empty, none of the five formats, or its header is damaged. A file that can
            be told but not used (many frames, floats) is no error here; `check_header` refuses it.
    """
    with open_picture_file(path) as file:
        kind = picture_format(file.read(HEAD_BYTES), path)
        file.seek(0)
        if kind == "PNG":
            return png_header(parse_png_header(list(walk_chunks(file, path, skip_pixels=True)), path), path)
        with pillow_failures_named(path, kind):
            return pillow_header(open_with_pillow(file, kind), path)


def check_header(header: PictureHeader, max_pixels: int = MAX_PIXELS) -> None:
    """Refuse what cannot be read right, before a pixel is decoded.

    Raises:
        InputError: more pixels than ``max_pixels``, more than one frame, a mode not in `MODES` or bits not in `BITS`.
    """
    pixels = header.width * header.height
    if pixels < 1:
        raise InputError(header.path, f"has no pixels ({header.width} x {header.height})", EXPORT)
    if pixels > max_pixels:
        raise InputError(header.path, f"{header.width} x {header.height} px are {pixels:,} pixels, the limit is "
                         f"{max_pixels:,}", "cut or shrink it, or raise max_pixels if the file can be trusted")
    if header.frames != 1:
        raise InputError(header.path, f"holds {header.frames} frames, expected one picture",
                         "save the frame you mean as a PNG of its own")
    if header.mode not in MODES or header.bits not in BITS:
        raise InputError(header.path, f"{header.bits}-bit samples in mode {header.mode} cannot be read right", EXPORT)
    if header.bits == 16 and header.format == "TIFF" and header.mode != "L":
        raise InputError(header.path, "a 16-bit colour TIFF would be cut to 8 bits", "export it as 16-bit PNG")
    if header.bits == 16 and header.transparent_colour:
        raise InputError(header.path, "a 16-bit PNG with a transparent colour (tRNS) cannot be read right",
                         "export it without transparency")


def png_header(png: tuple, path: str | Path) -> PictureHeader:
    """Return the header of a PNG from what its chunks tell."""
    mode, bits, width, height, frames, transparent_colour, raw_exif = png
    exif = Image.Exif()
    with pillow_failures_named(path, "PNG"):
        exif.load(raw_exif)
        orientation = _valid(exif.get(ORIENTATION_TAG))
    width, height = (height, width) if orientation >= 5 else (width, height)
    return PictureHeader(str(path), "PNG", mode, bits, width, height, frames, orientation, transparent_colour)


def pillow_header(image: ImageFile, path: str | Path) -> PictureHeader:
    """Return the header of a JPEG, BMP, TIFF or GIF that Pillow opened."""
    mode, bits = PILLOW_MODES.get(image.mode, (image.mode, 8))
    width, height = image.size
    orientation = 1
    if isinstance(image, TiffImageFile):  # its size is the upright one
        bits = max(image.tag_v2.get(BITSPERSAMPLE, (1,)))
        if bits == 16 and image.tag_v2.get(PHOTOMETRIC_INTERPRETATION) == 0:
            mode = "white-is-zero"  # Pillow would give the negative
    elif image.format == "JPEG":
        orientation = _valid(image.getexif().get(ORIENTATION_TAG))
        width, height = (height, width) if orientation >= 5 else (width, height)
    return PictureHeader(str(path), str(image.format), mode, bits, width, height, getattr(image, "n_frames", 1),
                         orientation)


def _valid(orientation: object) -> int:
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1
