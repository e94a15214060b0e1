"""Joining two images along their channels, the gradient of each handed on in one piece.

The gradient of a joined image is cut in two. Each half skips the other's channels from pixel to pixel; on a processor
what follows (sums, norms, activations) goes through such a half many times slower than through one that is copied once.
"""

from __future__ import annotations

from typing import Any

import torch
from monai.networks.blocks.dynunet_block import UnetUpBlock
from monai.networks.layers.simplelayers import SkipConnection
from monai.networks.nets.basic_unet import UpCat
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import pad


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
    quick = not (torch.compiler.is_compiling() or torch.jit.is_tracing()) and torch.is_grad_enabled() and all(
        image.device.type == "cpu" and image.ndim == 4 and image.is_contiguous(memory_format=torch.channels_last)
        and image.dtype == images[0].dtype for image in images)  # torch.cat knows what to do with different ones
    return _Join.apply(*images) if quick else torch.cat(images, dim=1)


class QuickSkipConnection(SkipConnection):
    """MONAI's skip connection of its UNet."""

    def forward(self, x: Tensor) -> Tensor:
        return join(x, self.submodule(x)) if self.mode == "cat" and self.dim == 1 else super().forward(x)


class QuickUpBlock(UnetUpBlock):
    """MONAI's block of DynUNet on the way up."""

    def forward(self, inp: Tensor, skip: Tensor) -> Tensor:
        return self.conv_block(join(self.transp_conv(inp), skip))


class QuickUpCat(UpCat):
    """MONAI's block of BasicUNet and BasicUNetPlusPlus on the way up; what has its size already is not copied."""

    def forward(self, x: Tensor, x_e: Tensor | None) -> Tensor:
        if x_e is None:
            return super().forward(x, x_e)
        up = self.upsample(x)
        if self.is_pad and x_e.shape[2:] != up.shape[2:]:
            missing = (int(mine != its) for mine, its in zip(x_e.shape[:1:-1], up.shape[:1:-1], strict=True))
            up = pad(up, [each for one in missing for each in (0, one)], mode="replicate")
        return self.convs(join(x_e, up))
