"""Convolutions of images with one channel, quick on a processor.

An image with one channel lies in memory the same way channels first and channels last, and torch takes it for the
former. Its convolutions are many times slower there: a quarter of a UNet's training step can be the two at its ends.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def channels_last(image: Tensor) -> Tensor:
    """Return ``image`` (B, C, H, W) with a pixel's channels side by side, and so told by its strides where C is 1."""
    if image.shape[1] == 1 and image.is_contiguous():
        _, _, height, width = image.shape
        return image.as_strided(image.shape, (height * width, 1, width, 1))
    return image.contiguous(memory_format=torch.channels_last)


class QuickConv2d(nn.Conv2d):
    """torch's convolution; images with one channel are taken for channels last on a processor."""

    def forward(self, input: Tensor) -> Tensor:
        plain = input.device.type != "cpu" or torch.compiler.is_compiling() or torch.jit.is_tracing()
        return super().forward(input if plain or input.ndim != 4 else channels_last(input))
