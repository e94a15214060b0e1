"""The form in which a pretrained backbone wants its images: three channels, its size, its mean and deviation."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from monai_seg.networks.hub_backbone import read_json

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
logger = logging.getLogger(__name__)


class ImageForm(nn.Module):
    """Brings images in [0, 1] to a backbone's form; grey is repeated to three channels.

    Args:
        size: (H, W) of the result.
        mean, std: of each channel, for images in [0, 1].

    Shape:
        Input (B, 1 or 3, h, w); result (B, 3, H, W).
    """

    def __init__(self, size: Sequence[int], mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.size = (int(size[0]), int(size[1]))
        self.mean: Tensor
        self.std: Tensor
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, 3, 1, 1))

    def forward(self, image: Tensor) -> Tensor:
        if tuple(image.shape[-2:]) != self.size:
            image = interpolate(image, self.size, mode="bilinear", align_corners=False, antialias=True)
        return (image - self.mean) / self.std  # one channel becomes three here


def read_image_form(folder: Path, size: int | Sequence[int]) -> ImageForm:
    """Return the form that the backbone in ``folder`` was trained with.

    Args:
        folder: its ``preprocessor_config.json`` names mean and deviation; without it they are ImageNet's, with a line
            that says so.
        size: what the network takes.
    """
    sizes = (size, size) if isinstance(size, int) else tuple(size)
    told = read_preprocessing(folder)
    if told.get("do_normalize") is False:
        return ImageForm(sizes, (0.0,) * 3, (1.0,) * 3)
    if "image_mean" not in told:
        logger.info(f"{folder}: no preprocessor_config.json with image_mean; ImageNet's mean and deviation are taken")
    return ImageForm(sizes, told.get("image_mean", IMAGENET_MEAN), told.get("image_std", IMAGENET_STD))


def preprocessing_size(told: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the (H, W) that a preprocessing ends with: its crop where it crops, otherwise its size; None if unsaid."""
    crops = told.get("do_center_crop", "crop_size" in told)
    size = told.get("crop_size") if crops else told.get("size")
    if isinstance(size, int):
        return size, size
    if isinstance(size, Mapping) and {"height", "width"} <= set(size):
        return int(size["height"]), int(size["width"])
    return None


def read_preprocessing(folder: Path) -> dict[str, Any]:
    """Return what ``folder`` says about its images, empty where it says nothing."""
    if (folder / "preprocessor_config.json").is_file():
        return read_json(folder / "preprocessor_config.json")
    if (folder / "processor_config.json").is_file():
        return dict(read_json(folder / "processor_config.json").get("image_processor") or {})
    timm = read_json(folder / "config.json").get("pretrained_cfg")
    return {"image_mean": timm["mean"], "image_std": timm["std"]} if timm and {"mean", "std"} <= set(timm) else {}
