"""PNG to pixels and back over modes, odd sizes and odd names: nothing may change on the way."""

from __future__ import annotations

from itertools import cycle, islice, product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from png_parts import deep_png, stored

from monai_seg.data import MaskReader, write_mask
from monai_seg.data.picture import load_picture

SIZES = ((1, 1), (1, 7), (7, 1), (2, 3), (31, 33), (64, 64), (17, 129), (255, 3), (100, 101))
NAMES = ("x", "two words", "Ünïcödé", "胸部", "a.b.c", "#1", "100%", "it's", "(copy)", "-dash", "UPPER.PNG", "n" * 120,
         "a,b;c", "[0]", "tab&amp", "$x@y", "e\u0301", "..dots", " leading blank", "emoji 🫁")
MODES: dict[str, tuple[int, int]] = {  # channels, bits
    "L": (1, 8), "LA": (2, 8), "RGB": (3, 8), "RGBA": (4, 8), "L16": (1, 16), "LA16": (2, 16), "RGB16": (3, 16),
    "RGBA16": (4, 16),
}
ENCODINGS: dict[str, dict[str, Any]] = {
    "binary": {"kind": "binary"},
    "binary 1": {"kind": "binary", "foreground": 1},
    "binary 16 bits": {"kind": "binary", "foreground": 65535},
    "index": {"kind": "index", "classes": 5},
    "values": {"kind": "index", "classes": 3, "values": {"0": 0, "128": 1, "255": 2}},
    "palette": {"kind": "palette", "classes": 4},
    "colours": {"kind": "colours", "table": {"0": [0, 0, 0], "1": [255, 0, 0], "2": [0, 0, 255]}},
}


class TripResult(NamedTuple):
    """Round trips made, and those after which a pixel was another."""

    trips: int
    changed: list[str]


def round_trips(folder: Path, trips: int) -> TripResult:
    """Make ``trips`` round trips, of images and masks in turn."""
    rng = np.random.default_rng(0)
    modes = cycle([*MODES, *ENCODINGS])
    ways = cycle(product(SIZES, NAMES))
    changed = []
    for number, (size, name) in enumerate(islice(ways, trips)):
        mode = next(modes)
        place = folder / str(number)
        place.mkdir(parents=True)
        same = _image(place, name, size, mode, rng) if mode in MODES else _mask(place, name, size, mode, rng)
        if not same:
            changed.append(f"{mode} {size} {name!r}")
    return TripResult(trips, changed)


def _image(folder: Path, name: str, size: tuple[int, int], mode: str, rng: np.random.Generator) -> bool:
    channels, bits = MODES[mode]
    shape = size if channels == 1 else (*size, channels)
    pixels = rng.integers(0, 2**bits, shape, dtype=np.uint16 if bits == 16 else np.uint8)
    first, second = folder / f"{name}.png", folder / f"{name} again.png"
    first.write_bytes(_png(pixels))
    loaded = load_picture(first).pixels
    second.write_bytes(_png(loaded))
    return np.array_equal(loaded, pixels) and np.array_equal(load_picture(second).pixels, pixels)


def _mask(folder: Path, name: str, size: tuple[int, int], mode: str, rng: np.random.Generator) -> bool:
    encoding = ENCODINGS[mode]
    reader = MaskReader(encoding)
    mask = rng.integers(0, reader.classes, size, dtype=np.uint8)
    first, second = folder / f"{name}.png", folder / f"{name} again.png"
    write_mask(first, mask, encoding)
    loaded, _ = reader.get_data([first])
    write_mask(second, loaded, encoding)
    return np.array_equal(loaded, mask) and first.read_bytes() == second.read_bytes()


def _png(pixels: NDArray) -> bytes:
    return deep_png(pixels) if pixels.dtype == np.uint16 else stored(Image.fromarray(pixels))
