from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.check.image_facts import THUMB_SIDE, eight_bits, image_facts

GREY = np.random.default_rng(3).integers(0, 256, (40, 64), dtype=np.uint8)


def test_header_and_thumbnail_are_told(save: Callable[..., Path]) -> None:
    facts = image_facts(str(save("a.png", GREY)))
    assert (facts.format, facts.mode, facts.bits, facts.size) == ("PNG", "L", 8, (40, 64))
    assert facts.thumb.shape == (THUMB_SIDE, THUMB_SIDE)
    assert abs(float(facts.thumb.mean()) - float(GREY.mean())) < 1
    assert (facts.has_colour, facts.is_blank) == (False, False)


def test_the_digest_is_of_the_pixels_not_of_the_file(save: Callable[..., Path], tmp_path: Path) -> None:
    first = image_facts(str(save("a.png", GREY)))
    Image.fromarray(GREY).save(tmp_path / "b.png", compress_level=0)
    Image.fromarray(GREY).save(tmp_path / "b.bmp")
    changed = GREY.copy()
    changed[0, 0] ^= 1
    assert image_facts(str(tmp_path / "b.png")).digest == image_facts(str(tmp_path / "b.bmp")).digest == first.digest
    assert image_facts(str(save("c.png", changed))).digest != first.digest
    assert image_facts(str(save("d.png", GREY.reshape(64, 40)))).digest != first.digest


@pytest.mark.parametrize(("mode", "has_colour"), [("L", False), ("LA", False), ("RGB", False), ("RGBA", False),
                                                  ("P", False)])
def test_grey_is_grey_in_every_mode(mode: str, has_colour: bool, save: Callable[..., Path]) -> None:
    facts = image_facts(str(save("a.png", Image.fromarray(GREY).convert(mode))))
    assert facts.has_colour is has_colour
    assert np.abs(facts.thumb.astype(int) - image_facts(str(save("l.png", GREY))).thumb).max() <= 3


def test_a_coloured_region_is_seen_in_rgb_and_in_a_palette(save: Callable[..., Path]) -> None:
    rgb = np.repeat(GREY[..., None], 3, axis=-1)
    rgb[10:20, 10:20] = (200, 120, 90)
    assert image_facts(str(save("a.png", rgb))).has_colour
    assert image_facts(str(save("b.png", Image.fromarray(rgb).quantize(256)))).has_colour


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_one_other_pixel_is_not_blank(mode: str, save: Callable[..., Path]) -> None:
    blank = Image.new(mode, (64, 40), "gray")
    assert image_facts(str(save("a.png", blank))).is_blank
    blank.putpixel((5, 5), 0 if mode == "L" else (0, 0, 0))
    assert not image_facts(str(save("b.png", blank))).is_blank


def test_deep_samples_keep_their_upper_bits() -> None:
    assert eight_bits(np.array([0, 4095], np.uint16)).tolist() == [0, 255]  # 12 bits are shifted by 4
    assert eight_bits(np.array([0, 65535], np.uint16)).tolist() == [0, 255]
    assert eight_bits(np.array([7, 200], np.uint16)).tolist() == [7, 200]


def test_a_dim_picture_keeps_its_features(save: Callable[..., Path]) -> None:
    bright = np.repeat(np.repeat(GREY[:32, :32], 4, axis=0), 4, axis=1)
    dim = image_facts(str(save("dim.png", bright // 32))).thumb  # 8 levels
    assert (dim.min(), dim.max()) == (0, 255)
    assert np.corrcoef(dim.ravel(), bright[::4, ::4].ravel())[0, 1] > 0.98
    flat = np.full((64, 64), 9, np.uint8)
    flat[0, 0] = 10
    assert np.ptp(image_facts(str(save("flat.png", flat))).thumb) <= 1


@pytest.mark.parametrize("size", [(64, 96), (47, 121), (260, 347)])
def test_a_mirrored_image_has_the_mirrored_thumbnail(size: tuple[int, int], save: Callable[..., Path]) -> None:
    rough = Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8))
    grey = np.asarray(rough.resize(size[::-1], Image.Resampling.BICUBIC))
    one, other = (image_facts(str(save(name, pixels))).thumb.astype(int)
                  for name, pixels in (("a.png", grey), ("b.png", np.fliplr(grey).copy())))
    assert np.corrcoef(one.ravel(), np.fliplr(other).ravel())[0, 1] > 0.999
