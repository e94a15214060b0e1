from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.sample.tissue import PALETTE, draw_case


def test_layout_and_encodings(twins: Callable[..., Path]):
    folder = twins("tissue", 9)
    images, masks = (sorted(path.name for path in (folder / part).iterdir()) for part in ("images", "masks"))
    assert images == masks == [f"slide_001_tile_{tile:02d}.png" for tile in range(1, 9)] + ["slide_002_tile_01.png"]
    for name in images:
        with Image.open(folder / "images" / name) as image, Image.open(folder / "masks" / name) as mask:
            assert (image.mode, image.size, mask.mode, mask.size) == ("RGBA", (64, 64), "P", (64, 64))
            assert np.all(np.asarray(image)[..., 3] == 255)
            assert mask.getpalette()[:12] == list(PALETTE)
            assert np.asarray(mask).max() <= 3


def test_a_mask_on_disk_holds_the_drawn_classes(twins: Callable[..., Path]):
    with Image.open(twins("tissue", 9) / "masks/slide_001_tile_03.png") as mask:
        assert np.array_equal(np.asarray(mask), draw_case(0, 2, 64)[1])


def test_all_classes_are_common():
    classes = np.concatenate([draw_case(0, index, 64)[1].ravel() for index in range(24)])
    shares = np.bincount(classes, minlength=4) / classes.size
    assert shares.size == 4 and shares.min() > 0.05


def test_tiles_of_one_slide_share_their_stain():
    glands = [_colour(index, 2) for index in (0, 1, 2, 8, 9, 10)]
    within = max(np.abs(glands[0] - glands[1]).max(), np.abs(glands[3] - glands[4]).max())
    between = np.abs(np.mean(glands[:3], axis=0) - np.mean(glands[3:], axis=0)).max()
    assert between > within


def _colour(index: int, kind: int) -> np.ndarray:
    image, classes = draw_case(0, index, 128)
    return np.asarray(image)[classes == kind, :3].mean(axis=0)


@pytest.mark.parametrize("kind", [1, 2, 3])
def test_no_grey_value_finds_a_tissue(kind: int, best_threshold_dice: Callable[..., float]):
    images, classes = zip(*(draw_case(0, index, 128) for index in range(0, 64, 6)), strict=True)
    greys = [np.asarray(image.convert("L")) for image in images]
    assert best_threshold_dice(greys, [mask == kind for mask in classes]) < 0.7
