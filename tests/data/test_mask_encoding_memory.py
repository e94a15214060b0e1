"""Encoding a large mask holds the pixels to be written, and little beside them."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from monai_seg.data.mask_encodings import parse_encoding

SIDE = 1024
MEGAPIXEL = SIDE * SIDE


@pytest.mark.parametrize(("encoding", "bytes_per_pixel"), [
    ({"kind": "binary"}, 1),
    ({"kind": "binary", "foreground": 1}, 1),
    ({"kind": "index", "classes": 2}, 1),
    ({"kind": "index", "classes": 2, "values": {"0": 0, "200": 1}}, 1),
    ({"kind": "colours", "table": {"0": [0, 0, 0], "1": [255, 0, 0]}}, 3),
], ids=str)  # fmt: skip
def test_encoding_takes_little_beside_the_pixels(encoding: dict[str, Any], bytes_per_pixel: int) -> None:
    kind = parse_encoding(encoding)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[100:300, 200:900] = 1
    tracemalloc.start()
    try:
        image = kind.encode(mask)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert image.size == (SIDE, SIDE)
    assert peak <= (bytes_per_pixel + 0.1) * MEGAPIXEL
