"""The transposed convolution of many channels to one that doubles an image, as one matrix product, for inference.

A processor's library pads the one channel to a vector's width, and reaches a twentieth of its rate. The product of
pixels and weights gives each pixel's nine contributions; each pixel of the result is the sum of one, two or four.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

DOUBLING = {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1), "output_padding": (1, 1), "dilation": (1, 1)}


def doubles_to_one_channel(conv: nn.ConvTranspose2d) -> bool:
    """Return whether `double` computes what ``conv`` does, its bias left out."""
    return conv.out_channels == 1 and all(getattr(conv, name) == value for name, value in DOUBLING.items())


def double(image: Tensor, weight: Tensor) -> Tensor:
    """Return the transposed convolution of an image that lies channels last.

    Shape:
        image (B, C, H, W), weight (C, 1, 3, 3); result (B, 1, 2H, 2W).
    """
    count, channels, height, width = image.shape
    if torch.is_autocast_enabled("cpu"):
        image, weight = (each.to(torch.get_autocast_dtype("cpu")) for each in (image, weight))
    pixels = image.permute(0, 2, 3, 1).reshape(-1, channels)
    part = (weight.view(channels, 9).T @ pixels.T).view(3, 3, count, height, width)  # by the kernel's row and column
    doubled = part.new_empty(count, height, 2, width, 2)
    even_row, odd_row = doubled[:, :, 0], doubled[:, :, 1]
    even_row[..., 0] = part[1, 1]
    even_row[..., 1] = part[1, 2]
    even_row[..., :-1, 1] += part[1, 0, ..., 1:]
    odd_row[..., 0] = part[2, 1]
    odd_row[:, :-1, :, 0] += part[0, 1, :, 1:]
    odd_row[..., 1] = part[2, 2]
    odd_row[..., :-1, 1] += part[2, 0, ..., 1:]
    odd_row[:, :-1, :, 1] += part[0, 2, :, 1:]
    odd_row[:, :-1, :-1, 1] += part[0, 0, :, 1:, 1:]
    return doubled.view(count, 1, 2 * height, 2 * width)
