"""Instance norm, and the activation behind it, of images kept channels last: one image at a time.

On a processor convolutions are quickest where a pixel's channels lie side by side (channels last). torch's instance
norm takes such images to the other layout and back, which costs more than the convolutions gain. The norm of a batch of
one image is its instance norm, and torch's batch norm is quick in either layout. One image of a batch fits into the
processor's cache, so that the activation costs little where it follows at once.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

aten = torch.ops.aten


class _EachImage(torch.autograd.Function):
    """Norm of each image, its negative values then multiplied by ``slope`` (None: left as they are)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, slope: Tensor | float | None, eps: float
    ) -> Tensor:
        count, channels = x.shape[:2]
        dtype = torch.promote_types(x.dtype, torch.float32)  # of the statistics, also where the image is bf16
        scale = x.new_ones(channels, dtype=dtype) if weight is None else weight.to(dtype)
        shift = x.new_zeros(channels, dtype=dtype) if bias is None else bias.to(dtype)
        factor = float(slope) if slope is not None else None
        y = torch.empty_like(x)
        mean, deviation = (x.new_empty(count, channels, dtype=dtype) for _ in range(2))
        for i in range(count):
            aten.native_batch_norm.out(
                x[i : i + 1], scale, shift, None, None, True, 0.0, eps,
                out=y[i : i + 1], save_mean=mean[i], save_invstd=deviation[i],
            )  # fmt: skip
            if factor is not None:
                aten.leaky_relu_(y[i : i + 1], factor)
        ctx.save_for_backward(x, scale, shift, mean, deviation)
        ctx.eps, ctx.slope, ctx.like = eps, factor, slope
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, scale, shift, mean, deviation = ctx.saved_tensors
        wanted = ctx.needs_input_grad[:4]
        dx = torch.empty_like(x) if wanted[0] else None
        dscale, dshift = (torch.zeros_like(scale) if each else None for each in wanted[1:3])
        dslope = torch.zeros_like(ctx.like) if wanted[3] else None
        for i in range(len(x)):
            one, g = x[i : i + 1], grad[i : i + 1].contiguous(memory_format=torch.channels_last)
            if ctx.slope is not None:
                variance = deviation[i].pow(-2) - ctx.eps
                normed = aten.native_batch_norm(one, scale, shift, mean[i], variance, False, 0.0, ctx.eps)[0]
                if dslope is not None:
                    dslope += (g * normed.clamp(max=0)).sum((2, 3)).sum(dtype=scale.dtype)
                g = aten.leaky_relu_backward(g, normed, ctx.slope, False)
            dx_one, dscale_one, dshift_one = aten.native_batch_norm_backward(
                g, one, scale, None, None, mean[i], deviation[i], True, ctx.eps, wanted[:3]
            )
            if dx is not None:
                dx[i : i + 1] = dx_one
            if dscale is not None:
                dscale += dscale_one
            if dshift is not None:
                dshift += dshift_one
        return dx, dscale, dshift, dslope, None


class QuickInstanceNorm2d(nn.InstanceNorm2d):
    """torch's instance norm; images that are channels last on a processor are normed as they lie."""

    def forward(self, input: Tensor) -> Tensor:
        return self.then(input, None) if self.is_quick(input) else super().forward(input)

    def then(self, input: Tensor, slope: Tensor | float | None) -> Tensor:
        """Return the norm of ``input`` with its negative values multiplied by ``slope``."""
        return _EachImage.apply(input, self.weight, self.bias, slope, self.eps)

    def is_quick(self, input: Tensor) -> bool:
        """Return whether ``input`` can take the quick way."""
        return (
            input.device.type == "cpu"
            and input.ndim == 4
            and input.shape[2:].numel() > 1  # torch refuses others by name
            and input.is_contiguous(memory_format=torch.channels_last)
            and not self.track_running_stats
            and not torch.compiler.is_compiling()
            and not torch.jit.is_tracing()
        )
