from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from PIL import Image

from monai_seg.inferers import SaveOverlayd


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("channels", [1, 3])
def test_the_picture_is_written_with_its_prediction(tmp_path: Path, channels: int) -> None:
    picture = torch.full((channels, 40, 60), 99.6)
    pred = torch.zeros(1, 40, 60)
    pred[:, 10:30, 20:50] = 1
    for name, mask in (("drawn", pred), ("plain", torch.zeros_like(pred))):
        sample = {"picture": MetaTensor(picture), "pred": mask, "overlay": str(tmp_path / "overlays" / f"{name}.png")}
        assert SaveOverlayd()(sample).keys() == sample.keys()
    drawn, plain = pixels(tmp_path / "overlays" / "drawn.png"), pixels(tmp_path / "overlays" / "plain.png")
    assert drawn.shape == plain.shape
    assert (plain == 100).all(axis=-1).any()  # 99.6 is rounded, not cut
    differing = (drawn != plain).any(axis=-1).mean()
    assert 0 < differing < 1


def test_a_truth_is_drawn_where_there_is_one(tmp_path: Path) -> None:
    label = torch.zeros(1, 40, 60)
    label[:, 5:20, 5:20] = 1
    sample = {"picture": torch.full((1, 40, 60), 80.0), "pred": torch.zeros(1, 40, 60)}
    SaveOverlayd()({**sample, "overlay": tmp_path / "without.png"})
    SaveOverlayd()({**sample, "overlay": tmp_path / "none.png", "label": None})
    SaveOverlayd()({**sample, "overlay": tmp_path / "with.png", "label": label})
    assert (tmp_path / "without.png").read_bytes() == (tmp_path / "none.png").read_bytes()
    assert (tmp_path / "without.png").read_bytes() != (tmp_path / "with.png").read_bytes()


def test_a_picture_of_16_bits_is_as_bright_as_its_8_bit_copy(tmp_path: Path) -> None:
    picture = torch.arange(256).reshape(1, 16, 16).float()
    for name, factor in (("8", 1), ("16", 257)):
        sample = {"picture": picture * factor, "pred": torch.zeros(1, 16, 16)}
        SaveOverlayd()({**sample, "overlay": tmp_path / f"{name}.png"})
    assert np.array_equal(pixels(tmp_path / "8.png"), pixels(tmp_path / "16.png"))
