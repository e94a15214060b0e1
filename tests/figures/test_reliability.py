from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.figures.reliability import draw_reliability

LABELS = ("sure", "right", "images")


def picture(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_a_gap_is_seen(tmp_path: Path) -> None:
    draw_reliability([0.25, 0.75], [0.25, 0.75], [9, 9], tmp_path / "good.png", labels=LABELS)
    draw_reliability([0.25, 0.75], [0.9, 0.1], [9, 9], tmp_path / "bad.png", labels=LABELS)
    off = {name: np.abs(picture(tmp_path / f"{name}.png").astype(int) - (213, 94, 0)) for name in ("good", "bad")}
    reddish = {name: int((values.max(axis=-1) < 40).sum()) for name, values in off.items()}
    assert reddish["bad"] > 200 > 40 > reddish["good"]


def test_no_bin_is_filled(tmp_path: Path) -> None:
    draw_reliability([np.nan] * 3, [np.nan] * 3, [0] * 3, tmp_path / "none.png", labels=LABELS, title="none")
    assert picture(tmp_path / "none.png").std() > 0


def test_lengths_that_differ_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be of one length"):
        draw_reliability([0.5], [0.5, 0.5], [1], tmp_path / "x.png", labels=LABELS)
    assert list(tmp_path.iterdir()) == []
