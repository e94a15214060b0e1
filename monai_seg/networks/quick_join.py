"""Joining two images along their channels, the gradient of each handed on in one piece.

The gradient of a joined image is cut in two. Each half skips the other's channels from pixel to pixel; on a processor
what follows (sums, norms, activations) goes through such a half many times slower than through one that is copied once.
"""

from __future__ import annotations

from typing import Any

import torch
from monai.networks.blocks.dynunet_block import UnetUpBlock
from monai.networks.layers.simplelayers import SkipConnection
from torch import Tensor
from torch.autograd.function import once_differentiable


class _Join(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *images: Tensor) -> Tensor:
        ctx.channels = [image.shape[1] for image in images]
        return torch.cat(images, dim=1)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        return tuple(part.contiguous(memory_format=torch.channels_last) for part in grad.split(ctx.channels, dim=1))


def join(*images: Tensor) -> Tensor:
    """Return ``images`` (B, C, H, W) joined along their channels."""
    alike = all(_is_quick(image) and image.dtype == images[0].dtype for image in images)
    return _Join.apply(*images) if alike and torch.is_grad_enabled() else torch.cat(images, dim=1)


def _is_quick(image: Tensor) -> bool:
    return (
        not torch.compiler.is_compiling()
        and not torch.jit.is_tracing()
        and image.device.type == "cpu"
        and image.ndim == 4
        and image.is_contiguous(memory_format=torch.channels_last)
    )


class QuickSkipConnection(SkipConnection):
    """MONAI's skip connection of its UNet."""

    def forward(self, x: Tensor) -> Tensor:
        return join(x, self.submodule(x)) if self.mode == "cat" and self.dim == 1 else super().forward(x)


class QuickUpBlock(UnetUpBlock):
    """MONAI's block of DynUNet on the way up."""

    def forward(self, inp: Tensor, skip: Tensor) -> Tensor:
        return self.conv_block(join(self.transp_conv(inp), skip))
