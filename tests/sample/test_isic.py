from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from monai_seg.sample.isic import draw_case, shape_of


def test_layout_and_encodings(twins: Callable[..., Path]):
    folder = twins("isic", 8, size=96)
    photos = sorted((folder / "ISIC-2017_Training_Data").glob("*.jpg"))
    masks = sorted((folder / "ISIC-2017_Training_Part1_GroundTruth").iterdir())
    assert [path.stem for path in photos] == [f"ISIC_{index:07d}" for index in range(8)]
    assert [path.name for path in masks] == [f"{path.stem}_segmentation.png" for path in photos]
    for photo_path, mask_path in zip(photos, masks, strict=True):
        with Image.open(photo_path) as photo, Image.open(mask_path) as mask:
            assert (photo.format, photo.mode, mask.mode) == ("JPEG", "RGB", "L")
            assert photo.size == mask.size
            assert set(np.unique(mask)) == {0, 255}


def test_stray_superpixels_lie_beside_one_photo_in_four(twins: Callable[..., Path]):
    strays = sorted((twins("isic", 8, size=96) / "ISIC-2017_Training_Data").glob("*.png"))
    assert len(strays) == 2 and all(path.name.endswith("_superpixels.png") for path in strays)
    number = np.asarray(Image.open(strays[0])).astype(int)
    assert np.unique(number[..., 0] + 256 * number[..., 1]).size > 500


def test_sizes_and_shapes_vary_within_the_size():
    shapes = [shape_of(0, index, 200) for index in range(60)]
    assert max(max(shape) for shape in shapes) == 200 and len(set(shapes)) > 10
    wide = [width > height for height, width in shapes]
    assert any(wide) and not all(wide)


def test_lesions_are_neither_tiny_nor_everything():
    shares = [draw_case(0, index, 96)[1].mean() for index in range(60)]
    assert min(shares) > 0.02 and max(shares) < 0.7


def test_no_grey_value_finds_the_lesions(best_threshold_dice: Callable[..., float]):
    photos, masks = zip(*(draw_case(0, index, 96) for index in range(40)), strict=True)
    assert best_threshold_dice([np.asarray(photo.convert("L")) for photo in photos], list(masks)) < 0.6
