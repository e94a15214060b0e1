"""Convolutions of images with one channel, quick on a processor.

An image with one channel lies in memory the same way channels first and channels last, and torch takes it for the
former. Its convolutions are many times slower there: a quarter of a UNet's training step can be the two at its ends.
From one channel to one, a processor's vectors hold one number each; so pixels of a row that lie side by side are taken
for channels of one pixel, each of which sees three of them.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, pad

SIDE_BY_SIDE = 16  # pixels taken for one: the most that pay
SAME_SIZE: dict[str, Any] = {"kernel_size": (3, 3), "stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)}


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
        if plain or input.ndim != 4:
            return super().forward(input)
        if _is_one_to_one(self) and input.shape[-1] % SIDE_BY_SIDE == 0:
            return _one_to_one(input, self.weight, self.bias)
        return super().forward(channels_last(input))


def _is_one_to_one(conv: nn.Conv2d) -> bool:
    return conv.out_channels == 1 and conv.padding_mode == "zeros" and all(
        getattr(conv, name) == value for name, value in SAME_SIZE.items())  # fmt: skip


def _one_to_one(image: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return the convolution of ``image`` (B, 1, H, W), W a multiple of `SIDE_BY_SIDE`, by ``weight`` (1, 1, 3, 3)."""
    count, _, height, width = image.shape
    blocks = image.reshape(count, height, width // SIDE_BY_SIDE, SIDE_BY_SIDE).permute(0, 3, 1, 2)
    biases = None if bias is None else bias.expand(SIDE_BY_SIDE)
    pixels = conv2d(blocks, _between_blocks(weight), biases, padding=1)
    return pixels.permute(0, 2, 3, 1).reshape(image.shape)


def _between_blocks(weight: Tensor) -> Tensor:
    """Return ``weight`` (1, 1, 3, 3) as it stands between the pixels of one block and of three in a row.

    Shape:
        Result (S, S, 3, 3): pixel of the block, pixel of a block beside, the kernel's row, which block.
    """
    side, seen = SIDE_BY_SIDE, 3 * SIDE_BY_SIDE
    row = pad(weight.view(3, 1, 3), (side - 1, 2 * side - 1))  # of the first pixel, and one zero more than is seen:
    rows = row.expand(3, side, seen + 1).reshape(3, -1)[:, : side * seen]  # cut, each row lies one to the right
    return rows.view(3, side, 3, side).permute(1, 3, 0, 2)
