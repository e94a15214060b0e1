from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from discs import disc
from PIL import Image, ImageFilter

from monai_seg.check.case import CheckedCase
from monai_seg.check.propose_encoding import propose_encoding
from monai_seg.check.scan import scan
from monai_seg.data.mask_encodings import decode_mask
from monai_seg.data.picture import load_picture
from monai_seg.plan.mask_readings import inside_share, mask_readings
from monai_seg.plan.reading import Reading

Draw = Callable[[int], Image.Image]


def readings(folder: Path, draw: Draw, count: int = 12) -> tuple[dict[str, Any], list[Reading], list[str]]:
    labels = []
    for number in range(count):
        labels.append(str(folder / f"m{number}.png"))
        draw(number).save(labels[-1])
    facts = scan([CheckedCase(label, None, label) for label in labels], workers=1)
    encoding = propose_encoding([fact.mask for fact in facts if fact.mask], labels, [None] * count).encoding
    assert encoding is not None
    return encoding, mask_readings(encoding, labels, facts), labels


def edged(number: int) -> Image.Image:
    """A white disc whose edge takes the one value of half way."""
    wide = Image.fromarray(disc(number)).filter(ImageFilter.MaxFilter(3))
    pixels = np.maximum(disc(number), np.asarray(wide) // 2 + 1 - (np.asarray(wide) == 0)).astype(np.uint8)
    return Image.fromarray(pixels)


def palette(number: int, background: int) -> Image.Image:
    colours = [[0, 0, 0], [200, 0, 0], [0, 200, 0]]
    indices = np.full((48, 64), background, np.uint8)
    region = disc(number) > 0
    indices[region] = 0
    indices[region & (np.arange(64) > 20)] = 1
    image = Image.fromarray(indices).convert("L")
    image.putpalette([part for colour in colours for part in colour])
    return image


def test_pixels_inside_are_those_with_equal_neighbours_all_around():
    square = np.zeros((6, 6), bool)
    square[1:5, 1:5] = True
    assert inside_share(square) == (4, 16)  # the inner 2 x 2
    line = np.zeros((6, 6), bool)
    line[2] = True
    assert inside_share(line) == (0, 6)


def test_a_region_of_middle_grey_is_a_class(tmp_path: Path):
    encoding, (reading,), _ = readings(tmp_path, lambda number: Image.fromarray(disc(number, 128, inner=255)))
    assert reading.answer == "yes" and reading.chosen == encoding
    assert "pixels of 128 in 12 masks" in reading.evidence


def test_a_rim_of_middle_grey_is_an_edge(tmp_path: Path):
    encoding, (reading,), labels = readings(tmp_path, edged)
    assert encoding["kind"] == "index" and encoding["classes"] == 3
    assert reading.answer == "no, edges" and reading.chosen == {"kind": "binary", "threshold": 127}
    assert decode_mask(load_picture(labels[0]), reading.chosen).max() == 1


@pytest.mark.parametrize("background", [0, 2])
def test_the_palette_s_background_is_the_index_at_the_borders(tmp_path: Path, background: int):
    draw: Draw = lambda number: palette(number, background)  # noqa: E731
    if background == 0:
        draw = lambda number: _swapped(palette(number, 2))  # noqa: E731
    _, (reading,), labels = readings(tmp_path, draw)
    assert reading.answer == f"index {background}"
    assert set(reading.choices) == {"index 0", "index 1", "index 2"}  # whoever is asked may take any
    mask = decode_mask(load_picture(labels[0]), reading.chosen)
    assert mask[0, 0] == 0 and set(np.unique(mask)) == {0, 1, 2}


def _swapped(image: Image.Image) -> Image.Image:
    indices = np.asarray(image)
    swapped = Image.fromarray(((indices + 1) % 3).astype(np.uint8)).convert("L")
    swapped.putpalette([0, 0, 0, 200, 0, 0, 0, 200, 0])
    return swapped


def test_white_around_black_discs_is_the_background(tmp_path: Path):
    _, (reading,), labels = readings(tmp_path, lambda number: Image.fromarray(255 - disc(number)))
    assert reading.answer == "black"
    assert decode_mask(load_picture(labels[3]), reading.chosen).sum() == np.count_nonzero(disc(3))


def test_white_discs_leave_nothing_open(tmp_path: Path):
    assert readings(tmp_path, lambda number: Image.fromarray(disc(number)))[1] == []
