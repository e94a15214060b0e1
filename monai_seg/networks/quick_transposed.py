"""The transposed convolution of many channels to one that doubles an image, as one matrix product.

A processor's library pads the one channel to a vector's width, and reaches a twentieth of its rate. The product of
pixels and weights gives each pixel's nine contributions; each pixel of the result is the sum of one, two or four.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from monai_seg.networks.quick_convolution import channels_last

DOUBLING = {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1), "output_padding": (1, 1), "dilation": (1, 1)}
_convolution_backward = torch.ops.aten.convolution_backward.default


def doubles_to_one_channel(conv: nn.ConvTranspose2d) -> bool:
    """Return whether `double` computes what ``conv`` does, its bias left out."""
    return conv.out_channels == 1 and all(getattr(conv, name) == value for name, value in DOUBLING.items())


def double(image: Tensor, weight: Tensor) -> Tensor:
    """Return the transposed convolution of an image that lies channels last.

    Shape:
        image (B, C, H, W), weight (C, 1, 3, 3); result (B, 1, 2H, 2W).
    """
    if torch.is_autocast_enabled("cpu"):
        image, weight = (each.to(torch.get_autocast_dtype("cpu")) for each in (image, weight))
    is_trained = torch.is_grad_enabled() and (image.requires_grad or weight.requires_grad)
    return _Double.apply(image, weight) if is_trained else _doubled(image, weight)


class _Double(torch.autograd.Function):
    """`_doubled`; its gradient is quick as the library has it."""

    @staticmethod
    def forward(ctx: Any, image: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(image, weight)
        return _doubled(image, weight)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        image, weight = ctx.saved_tensors
        how = [DOUBLING[name] for name in ("stride", "padding", "dilation")]
        wanted = [*ctx.needs_input_grad, False]  # there is no bias
        more, one = DOUBLING["output_padding"], 1  # group
        return _convolution_backward(channels_last(grad), image, weight, None, *how, True, more, one, wanted)[:2]


def _doubled(image: Tensor, weight: Tensor) -> Tensor:
    count, channels, height, width = image.shape
    pixels = image.permute(0, 2, 3, 1).reshape(-1, channels)
    part = (weight.view(channels, 9).T @ pixels.T).view(3, 3, count, height, width)  # by the kernel's row and column
    for row in part.unbind():  # right of a pixel lies what it and its neighbour give together
        row[2, ..., :-1] += row[0, ..., 1:]
    part[2, 1:, :, :-1] += part[0, 1:, :, 1:]  # and so below it
    doubled = part.new_empty(count, height, 2, width, 2)
    for below in (0, 1):
        for right in (0, 1):
            doubled[:, :, below, :, right] = part[1 + below, 1 + right]
    return doubled.view(count, 1, 2 * height, 2 * width)
