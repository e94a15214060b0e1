from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from monai_seg.check import check_data, list_cases
from monai_seg.check.contact_sheet import sample_tiles, worst_tiles

Pairs = Callable[..., Path]


def test_the_sample_runs_from_empty_to_large_and_leaves_findings_out(pairs: Pairs, square: Callable) -> None:
    changes = {f"masks/c{number}.png": square(number * 2) for number in range(5)} | {"images/c2.png": b"rubbish"}
    tiles = sample_tiles(check_data(list_cases(pairs(5, changes))))
    assert [tile.name for tile in tiles] == [f"images/c{number}.png" for number in (0, 1, 3, 4)]
    assert tiles[0].text == "empty"


def test_a_lesion_of_one_pixel_is_still_drawn(pairs: Pairs, grain: Callable) -> None:
    mask = np.zeros((1000, 900), np.uint8)
    mask[500, 450] = 255
    grey = grain(0, (1000, 900))
    (tile,) = sample_tiles(check_data(list_cases(pairs(1, {"images/c0.png": grey, "masks/c0.png": mask}))))
    assert tile.png is not None
    drawn = np.asarray(Image.open(io.BytesIO(tile.png)).convert("RGB")).astype(int)
    assert max(drawn.shape) == 250  # 1000 shrunk by 4, which is nearest to 224 px
    assert (np.ptp(drawn, axis=-1) > 100).sum() >= 1  # the outline is the one coloured thing on grey


def test_worst_cases_show_a_copy_beside_its_original(pairs: Pairs, grain: Callable) -> None:
    report = check_data(list_cases(pairs(3, {"images/c2.png": grain(1), "images/c0.png": b"rubbish"})))
    tiles = {tile.name: tile for tile in worst_tiles(report)}
    assert tiles["images/c2.png"].aside is not None
    assert tiles["images/c0.png"].png is None  # its mask is empty, so there is nothing to draw
    assert tiles["images/c0.png"].severity == "error"
