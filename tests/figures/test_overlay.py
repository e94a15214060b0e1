from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.figures import captioned_overlay, overlay, write_overlay
from monai_seg.figures.caption import GAP_PX
from monai_seg.figures.overlay import _legend
from monai_seg.figures.palette import OKABE_ITO


def disc(size, radius):
    rows, columns = np.mgrid[:size, :size] - size // 2
    return (rows**2 + columns**2 < radius**2).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_panels_stand_side_by_side_at_the_images_own_size(channels):
    image, mask = np.full((channels, 20, 30), 80, np.uint8), np.zeros((1, 20, 30), np.uint8)
    picture = overlay(image, mask, mask)
    assert picture.shape == (20, 4 * 30, 3) and picture.dtype == np.uint8
    assert (picture[:, :90] == 80).all()
    assert overlay(image, None, mask).shape == (20, 2 * 30, 3)


def test_a_large_image_is_shrunk_by_averaging():
    checkers = (np.indices((200, 400)).sum(axis=0) % 2 * 200).astype(np.uint8)[None]
    nothing = np.zeros((200, 400), np.uint8)
    picture = captioned_overlay(checkers, nothing, nothing, max_side_px=100)
    assert picture.shape[1] == 4 * 100 + 3 * GAP_PX
    panel = picture[30:70, 10:90]  # inside the first panel, which is 50 px high under a title of 27 px
    assert (panel == 100).all()  # the mean of 0 and 200; nearest neighbours would give 0 or 200


def test_a_thin_lesion_survives_the_shrinking():
    image, label = np.zeros((1, 1024, 1024), np.uint8), np.zeros((1024, 1024), np.uint8)
    label[500:504, 500:504] = 1
    picture = captioned_overlay(image, label, np.zeros_like(label), max_side_px=128)
    errors = picture[:, 3 * (128 + GAP_PX) :][27 : 27 + 128].astype(int)
    assert (errors.max(axis=2) - errors.min(axis=2)).max() > 20  # coloured


def test_a_small_image_is_enlarged_for_its_captions():
    image, mask = np.full((1, 64, 50), 80, np.uint8), np.zeros((64, 50), np.uint8)
    assert captioned_overlay(image, mask, mask).shape[1] == 4 * (4 * 50) + 3 * GAP_PX
    assert captioned_overlay(image, mask, mask, max_side_px=64).shape[1] == 4 * 50 + 3 * GAP_PX


def test_the_legend_tells_what_can_be_seen():
    assert [text for text, _ in _legend(1, True, None, OKABE_ITO)] == ["class 1", "hit", "missed", "false"]
    named = _legend(1, True, ["background", "lung", "infection"], OKABE_ITO)
    assert [text for text, _ in named] == ["lung", "infection", "hit", "missed", "false", "wrong class"]
    assert _legend(2, False, ["background", "lung"], OKABE_ITO) == [
        ("lung", OKABE_ITO.of_class(1)), ("class 2", OKABE_ITO.of_class(2)),
    ]  # fmt: skip
    assert [text for text, _ in _legend(0, False, None, OKABE_ITO)] == ["class 1"]


def test_a_long_legend_wraps_and_every_swatch_is_there():
    mask = disc(128, 30) * 7
    names = ["background", *(f"a structure with the long name {i}" for i in range(1, 8))]
    picture = captioned_overlay(np.zeros((1, 128, 128)), None, mask, class_names=names, max_side_px=128)
    legend = picture[27 + 128 :].reshape(-1, 3).tolist()
    assert all(list(colour) in legend for colour in OKABE_ITO.classes)


def test_the_file_is_the_captioned_overlay(tmp_path):
    image, label, pred = np.full((3, 64, 64), 90, np.uint8), disc(64, 20), disc(64, 15)
    write_overlay(tmp_path / "case.png", image, label, pred, class_names=["background", "cell"])
    with Image.open(tmp_path / "case.png") as picture:
        assert picture.format == "PNG"
        expected = captioned_overlay(image, label, pred, class_names=["background", "cell"])
        np.testing.assert_array_equal(np.asarray(picture), expected)
    assert [path.name for path in tmp_path.iterdir()] == ["case.png"]


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(InputError, match=r"case\.png: cannot be written"):
        write_overlay(tmp_path / "missing" / "case.png", np.zeros((1, 8, 8)), None, np.zeros((8, 8)))
