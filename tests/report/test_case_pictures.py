from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.figures.palette import OKABE_ITO
from monai_seg.report.case_pictures import SIDE_PX, draw_case, draw_image
from monai_seg.report.predict import Masks, differs


def masks(side: int) -> Masks:
    label, pred = np.zeros((2, side, side), np.int32)
    label[: side // 2], pred[:, : side // 2] = 1, 1
    return Masks(np.full((1, side, side), 100, np.uint8), label, pred)


def opened(file: bytes | None) -> np.ndarray:
    assert file is not None
    with Image.open(io.BytesIO(file)) as picture:
        return np.asarray(picture.convert("RGBA"))


@pytest.mark.parametrize("side", [64, 128, 1024])
def test_errors_lie_where_they_are_at_any_size(side: int):
    drawn = draw_case(masks(side))
    shown = opened(drawn.errors)
    assert shown.shape[:2] == opened(drawn.image).shape[:2] == (SIDE_PX, SIDE_PX)
    quarter = SIDE_PX // 4
    hit, missed, false, nothing = (shown[y, x] for y, x in (
        (quarter, quarter), (quarter, 3 * quarter), (3 * quarter, quarter), (3 * quarter, 3 * quarter)))
    for pixel, colour in ((hit, OKABE_ITO.hit), (missed, OKABE_ITO.missed), (false, OKABE_ITO.false)):
        assert np.abs(pixel[:3].astype(int) - colour).max() <= 4
    assert nothing[3] == 0, "see-through where nothing is"


def test_a_picture_takes_few_bytes():
    random = np.random.default_rng(0).integers(0, 255, (3, 1024, 1024)).astype(np.uint8)
    found = masks(1024)
    drawn = draw_case(Masks(random, found.label, found.pred))
    assert sum(len(file) for file in drawn[:4] if file is not None) < 150_000


def test_an_image_without_masks_is_shown_alone(tmp_path: Path):
    Image.fromarray(np.full((600, 300), 77, np.uint8)).save(tmp_path / "x.png")
    drawn = draw_image(str(tmp_path / "x.png"))
    assert opened(drawn.image).shape == (SIDE_PX, SIDE_PX // 2, 4)
    assert drawn.errors is None
    with pytest.raises(InputError, match=r"none\.png"):
        draw_image(str(tmp_path / "none.png"))


def test_what_was_not_scored_is_noticed():
    found = masks(64)
    area = 64 * 32
    assert differs(found, area, area) == ""
    assert differs(found, area, area + 3) == "", "rounding on another machine"
    assert "another prediction" in differs(found, area, 0)
    assert "mask is another one" in differs(found, area - 1, area)
