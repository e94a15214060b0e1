from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.prepare.lesion import lesion_class

Save = Callable[..., Path]


@pytest.mark.parametrize("value", [0, 1, 255])
@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_any_pixel_is_a_lesion(tmp_path: Path, save: Save, value: int, channels: tuple[int, ...]) -> None:
    pixels = np.zeros((4, 6, *channels), np.uint8)
    pixels[2, 5] = value
    if channels == (4,):
        pixels[..., 3] = 255
    assert lesion_class(save(tmp_path / "m.png", pixels)) == (value > 0)


def test_a_palette_counts_by_its_colours(tmp_path: Path) -> None:
    image = Image.new("P", (3, 2), 1)
    image.putpalette([0, 0, 0, 0, 0, 0, 9, 0, 0])
    image.save(tmp_path / "m.png")
    assert lesion_class(tmp_path / "m.png") == 0
    image.putpixel((0, 0), 2)
    image.save(tmp_path / "m.png")
    assert lesion_class(tmp_path / "m.png") == 1


@pytest.mark.parametrize(("value", "expected"), [(8, 0), (127, 0), (250, 1)])
def test_grey_noise_of_a_jpeg_is_no_lesion(tmp_path: Path, save: Save, value: int, expected: int) -> None:
    assert lesion_class(save(tmp_path / "m.jpg", np.full((16, 16), value, np.uint8))) == expected


def test_a_mask_of_another_size_is_refused(tmp_path: Path, save: Save) -> None:
    image, mask = save(tmp_path / "i.png"), save(tmp_path / "m.png", np.zeros((6, 4), np.uint8))
    with pytest.raises(InputError, match=r"m\.png: mask is \(6, 4\), image is \(4, 6\) \(H, W\)"):
        lesion_class(mask, image)
