from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.check.mask_values import mask_values
from monai_seg.data.picture import load_picture

MASK = np.array([[0, 0, 1], [2, 2, 2]], np.uint8)  # 2, 1 and 3 pixels


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
def test_grey_values_are_counted_in_every_mode(mode: str, save: Callable[..., Path]) -> None:
    values = mask_values(load_picture(save("m.png", Image.fromarray(MASK).convert(mode))))
    assert (values.storage, values.counts, values.clear_px) == ("grey", {0: 2, 1: 1, 2: 3}, 0)


def test_one_bit_is_counted_as_stored(save: Callable[..., Path]) -> None:
    values = mask_values(load_picture(save("m.png", Image.fromarray(MASK > 0))))
    assert (values.bits, values.counts) == (1, {0: 2, 1: 4})


def test_palette_indices_come_with_their_colours(save: Callable[..., Path]) -> None:
    image = Image.fromarray(MASK).convert("L")
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 0, 255])
    values = mask_values(load_picture(save("m.png", image)))
    assert (values.storage, values.counts) == ("palette", {0: 2, 1: 1, 2: 3})
    assert values.shown == {0: 0, 1: 255, 2: 255 * 65536}  # red + 256 * green + 65536 * blue


def test_a_grey_palette_is_grey(save: Callable[..., Path]) -> None:
    image = Image.fromarray(MASK * 100).convert("P")
    values = mask_values(load_picture(save("m.png", image)))
    assert (values.storage, values.counts) == ("grey", {0: 2, 100: 1, 200: 3})


def test_colours_are_counted_and_photographs_given_up(save: Callable[..., Path]) -> None:
    rgb = np.zeros((2, 3, 3), np.uint8)
    rgb[0, 0] = (1, 2, 3)
    assert mask_values(load_picture(save("m.png", rgb))).counts == {0: 5, 1 + 2 * 256 + 3 * 65536: 1}
    photo = np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)
    assert mask_values(load_picture(save("p.png", photo))).beyond == 6400


def test_clear_pixels_are_counted(save: Callable[..., Path]) -> None:
    rgba = np.full((2, 3, 4), 255, np.uint8)
    rgba[0, :2, 3] = (0, 254)
    assert mask_values(load_picture(save("m.png", rgba))).clear_px == 2
