from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import torch

from monai_seg.networks.image_form import IMAGENET_MEAN, IMAGENET_STD, ImageForm, preprocessing_size, read_image_form


def test_grey_is_repeated_and_each_channel_normed() -> None:
    form = ImageForm((1, 2), (0.5, 0.25, 0), (0.5, 0.25, 2))
    grey = torch.tensor([[[[0.0, 1.0]]]])
    expected = torch.tensor([[-1.0, 1.0], [-1.0, 3.0], [0.0, 0.5]])  # (0 and 1 - mean) / std
    assert torch.equal(form(grey)[0, :, 0], expected)
    assert torch.equal(form(grey.expand(1, 3, 1, 2)), form(grey))


def test_images_are_brought_to_size_by_averages() -> None:
    form = ImageForm((2, 2), (0.0,) * 3, (1.0,) * 3)
    image = torch.zeros(1, 1, 8, 8)
    image[..., ::2] = 1  # stripes of one pixel: any two columns average to one half
    assert torch.allclose(form(image)[..., :], torch.full((1, 3, 2, 2), 0.5), atol=0.05)
    assert form(torch.zeros(2, 3, 5, 9)).shape == (2, 3, 2, 2)


@pytest.mark.parametrize(("files", "mean", "std"), [
    ({"preprocessor_config.json": {"image_mean": [0.5] * 3, "image_std": [0.4] * 3}}, [0.5] * 3, [0.4] * 3),
    ({"processor_config.json": {"image_processor": {"image_mean": [0.1] * 3, "image_std": [0.2] * 3}}},
     [0.1] * 3, [0.2] * 3),
    ({"config.json": {"pretrained_cfg": {"mean": [0.3] * 3, "std": [0.6] * 3}}}, [0.3] * 3, [0.6] * 3),
    ({"preprocessor_config.json": {"do_normalize": False, "image_mean": [0.5] * 3}}, [0] * 3, [1] * 3),
    ({}, IMAGENET_MEAN, IMAGENET_STD),
])  # fmt: skip
def test_mean_and_deviation_are_the_backbone_s_own(files: dict, mean: Any, std: Any, tmp_path: Path) -> None:
    for name, content in {"config.json": {}, **files}.items():
        (tmp_path / name).write_text(json.dumps(content))
    form = read_image_form(tmp_path, 8)
    assert form.size == (8, 8)
    assert form.mean.flatten().tolist() == pytest.approx(list(mean))
    assert form.std.flatten().tolist() == pytest.approx(list(std))


def test_a_default_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "config.json").write_text("{}")
    with caplog.at_level(logging.INFO):
        read_image_form(tmp_path, (4, 6))
    assert "no preprocessor_config.json with image_mean; ImageNet's mean and deviation are taken" in caplog.text


@pytest.mark.parametrize(("told", "size"), [
    ({"size": 224}, (224, 224)),
    ({"size": {"height": 10, "width": 20}}, (10, 20)),
    ({"size": {"shortest_edge": 256}, "crop_size": {"height": 224, "width": 224}}, (224, 224)),
    ({"size": 224, "crop_size": 200, "do_center_crop": False}, (224, 224)),
    ({"size": {"shortest_edge": 256}}, None),
    ({}, None),
])  # fmt: skip
def test_the_size_is_that_of_the_crop_or_of_the_resize(told: dict, size: Any) -> None:
    assert preprocessing_size(told) == size
