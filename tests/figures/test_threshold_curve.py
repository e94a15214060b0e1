from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from monai_seg.figures import threshold_curve as module
from monai_seg.figures.threshold_curve import threshold_picture

THRESHOLD = np.linspace(0, 1, 5)
DICE = np.array([0.1, 0.4, 0.8, 0.3, np.nan])
PRECISION, RECALL = np.linspace(0, 1, 5), np.linspace(1, 0, 5)


def test_the_highest_dice_is_marked_and_each_class_has_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    figures: list[Figure] = []
    monkeypatch.setattr(module, "Figure", lambda **options: figures.append(Figure(**options)) or figures[0])
    picture = threshold_picture(THRESHOLD, {"lung": (DICE, PRECISION, RECALL), "heart": (DICE / 2, PRECISION, RECALL)})
    assert picture.dtype == np.uint8 and picture.shape[2] == 3 and min(picture.shape[:2]) > 200
    left, right = figures[0].axes
    stars = [line.get_xydata().tolist() for line in left.lines if line.get_marker() == "*"]
    assert stars == [[[0.5, 0.8]], [[0.5, 0.4]]]
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["lung", "heart"]
    assert [line.get_xdata().tolist() for line in right.lines] == [RECALL.tolist()] * 2


def test_a_class_without_any_dice_is_drawn_without_a_star() -> None:
    nothing = np.full(5, np.nan)
    assert threshold_picture(THRESHOLD, {"lung": (nothing, PRECISION, nothing)}).max() == 255
