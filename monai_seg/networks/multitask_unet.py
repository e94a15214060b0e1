"""A UNet that says what an image shows as well as where: a class branch after the encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from monai.networks.layers.simplelayers import SkipConnection
from monai.networks.nets import UNet
from torch import Tensor, nn


class MultiTaskUNet(UNet):
    """MONAI's UNet, its lowest features pooled over the image and classified besides. Its own weights keep their names.

    Args:
        num_classes: of images.
        class_dropout: share of the pooled features dropped in training.
        options: as of `monai.networks.nets.UNet`.

    Shape:
        Input (B, in_channels, H, W), H and W multiples of the strides' product; result a pair: mask logits
        (B, out_channels, H, W) and class logits (B, num_classes).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        num_classes: int,
        channels: Sequence[int] = (16, 32, 64, 128, 256),
        strides: Sequence[int] = (2, 2, 2, 2),
        class_dropout: float = 0.2,
        **options: Any,
    ) -> None:
        super().__init__(2, in_channels, out_channels, channels, strides, **options)
        self.classify = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(class_dropout), nn.Linear(channels[-1], num_classes)
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]  # a pair where MONAI's is one
        logits, lowest = _through(self.model, x)
        return logits, self.classify(lowest)


def _through(level: Any, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return what ``level`` gives for ``x``, and the features of the lowest level on the way.

    MONAI nests each level as (down, SkipConnection(next level), up), the lowest being a block.
    """
    if not (isinstance(level, nn.Sequential) and len(level) == 3 and isinstance(level[1], SkipConnection)):
        features = level(x)
        return features, features
    down, skip, up = level
    shallow = down(x)
    deep, lowest = _through(skip.submodule, shallow)
    return up(torch.cat([shallow, deep], dim=1)), lowest
