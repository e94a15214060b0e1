from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.window import apply_window, as_class_ids


def test_the_window_is_spread_over_8_bits_and_cut_beyond() -> None:
    values = np.array([[-1000.0, -160.0, 40.0], [240.0, 3000.0, np.nan]])
    assert apply_window(values, (-160, 240)).tolist() == [[0, 0, 128], [255, 255, 0]]  # 200 / 400 * 255 = 127.5


@pytest.mark.parametrize("window", [(1, 1), (5, -5)])
def test_an_empty_window_is_refused(window: tuple[float, float]) -> None:
    with pytest.raises(InputError, match="give LOW below HIGH"):
        apply_window(np.zeros((2, 2)), window)


def test_whole_numbers_are_class_ids() -> None:
    ids = as_class_ids(np.array([[0.0, 2.0], [254.0, 1.0]]), Path("m"))
    assert ids.dtype == np.uint8
    assert ids.tolist() == [[0, 2], [254, 1]]


@pytest.mark.parametrize("values", [[[0.5]], [[-1]], [[255]], [[np.nan]], [[np.inf]], [0, 1], [[[1]]]])
def test_what_is_no_class_id_is_refused(values: list) -> None:
    with pytest.raises(InputError, match="m: holds"):
        as_class_ids(np.array(values), Path("m"))
