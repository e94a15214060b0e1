"""Pictures made in memory, and PNG files made chunk by chunk."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.picture import Picture, decode_picture

PNG_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # samples per pixel: grey, grey-alpha, RGB, RGBA


@pytest.fixture(scope="session")
def stored() -> Callable[..., bytes]:
    """Return a function: Pillow image or array, format and options of Pillow's ``save`` -> content of the file."""

    def store(image: Image.Image | NDArray, picture_format: str = "PNG", **options: Any) -> bytes:
        buffer = io.BytesIO()
        image = image if isinstance(image, Image.Image) else Image.fromarray(image)
        image.save(buffer, picture_format, **options)
        return buffer.getvalue()

    return store


@pytest.fixture(scope="session")
def picture(stored: Callable[..., bytes]) -> Callable[..., Picture]:
    """Return a function like `stored` that decodes the file it made; its path is ``mask.file``."""
    return lambda image, picture_format="PNG", **options: decode_picture(
        stored(image, picture_format, **options), "mask.file"
    )


@pytest.fixture(scope="session")
def chunk() -> Callable[[bytes, bytes], bytes]:
    """Return a function: kind, content -> PNG chunk."""
    return _chunk


@pytest.fixture(scope="session")
def deep_png() -> Callable[[NDArray], bytes]:
    """Return a function: (H, W) or (H, W, C) uint16 samples -> 16-bit PNG file, which Pillow cannot write in colour."""

    def build(samples: NDArray) -> bytes:
        height, width = samples.shape[:2]
        channels = 1 if samples.ndim == 2 else samples.shape[2]
        rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)  # 0: the row is not filtered
        header = struct.pack(">IIBBBBB", width, height, 16, PNG_COLOUR_TYPES[channels], 0, 0, 0)
        parts = (b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)

    return build


@pytest.fixture
def noise() -> NDArray[np.uint8]:
    """(20, 30, 3) random colours."""
    return np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
