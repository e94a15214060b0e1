"""PNG files made chunk by chunk: 16-bit colour, which Pillow cannot write, and broken ones."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # samples per pixel: grey, grey-alpha, RGB, RGBA


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a PNG chunk with a right checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def header(width: int = 16, height: int = 16, bits: int = 8, colour_type: int = 0) -> bytes:
    """Return an IHDR chunk."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0))


def file_of(*chunks: bytes) -> bytes:
    """Return a PNG file of ``chunks``."""
    return SIGNATURE + b"".join(chunks)


def deep_png(samples: NDArray[np.uint16]) -> bytes:
    """Return the 16-bit PNG of (H, W) or (H, W, C) samples."""
    height, width = samples.shape[:2]
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)  # 0: the row is not filtered
    return file_of(header(width, height, 16, COLOUR_TYPES[channels]), chunk(b"IDAT", zlib.compress(rows)),
                   chunk(b"IEND", b""))


def stored(image: Image.Image | NDArray, kind: str = "PNG", **options: object) -> bytes:
    """Return the content of the file that Pillow writes."""
    buffer = io.BytesIO()
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()
