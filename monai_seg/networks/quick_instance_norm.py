"""Instance norm, and the activation behind it, of images kept channels last: image by image.

On a processor convolutions are quickest where a pixel's channels lie side by side (channels last). torch's instance
norm takes such images to the other layout and back, which costs more than the convolutions gain. The norm of a batch of
one image is its instance norm, and torch's batch norm is quick in either layout. One image of a batch fits into the
processor's cache, so that the activation costs little where it follows at once. Many small images are laid side by side
as one image of so many times more channels: their operations would take longer to begin than to run.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

# named by overload: to find it costs a small image as much as the operation
_norm = torch.ops.aten.native_batch_norm.default
_norm_into = torch.ops.aten.native_batch_norm.out
_norm_backward = torch.ops.aten.native_batch_norm_backward.default
_leaky_relu_in_place = torch.ops.aten.leaky_relu_.default
_leaky_relu_backward = torch.ops.aten.leaky_relu_backward.default
_running_moments = torch.ops.aten.batch_norm_update_stats.default

SMALL = 1e-3  # a slope above it can be divided by again
ROW, HALVED_ROW = 2048, 128  # most numbers that are added up side by side: of 32 bits, and of 16
FEW = 16  # channels
SEVERAL = 4  # images
SMALL_IMAGE = 1 << 16  # numbers of an image: to begin an operation costs more than the operation


def _pixels_side_by_side(x: Tensor) -> int:
    """Return how many pixels of ``x`` are taken for one in `_moments`: 1 where it is kept channels first.

    Halved numbers have fewer digits than are lost in a sum; there only pixels shorter than a vector are worth while.
    """
    count, pixels, channels = 1, x.shape[2:].numel(), x.shape[1]
    halved = x.element_size() < 4
    most = 1 if x.is_contiguous() or (halved and channels > FEW) else (HALVED_ROW if halved else ROW) // channels
    while 2 * count <= most and pixels % (2 * count) == 0 and 2 * count < pixels:
        count *= 2
    return count


def _moments(x: Tensor, pixels: int) -> tuple[Tensor, Tensor]:
    """Return mean and variance (B, C) of each image of ``x`` (B, C, H, W).

    torch adds up the pixels one after the other: with few channels a pixel is shorter than the processor's vectors, and
    with many pixels digits are lost. So ``pixels`` of them are taken for one pixel of so many times more channels, and
    the moments of these are joined.

    Source:
        Chan, Golub, LeVeque 1983, https://doi.org/10.1080/00031305.1983.10483115, for parts of equal size.
    """
    count, channels, height, width = x.shape
    rows, row = height * width // pixels, channels * pixels
    each = x.permute(0, 2, 3, 1).reshape(count, 1, rows, 1, row).permute(0, 1, 4, 2, 3)  # (1, row, rows, 1) of each
    means, variances = x.new_zeros(2, count, row, dtype=torch.promote_types(x.dtype, torch.float32)).unbind()
    for i in range(count):
        _running_moments(each[i], means[i], variances[i], 1.0)
    means, variances = (moment.view(count, pixels, channels) for moment in (means, variances))
    spread, mean = torch.var_mean(means, dim=1, correction=0)
    return mean, variances.mean(dim=1) * ((rows - 1) / rows) + spread  # torch's running variance is the unbiased one


class _EachImage(torch.autograd.Function):
    """Norm of each image, its negative values then multiplied by ``slope`` (None: left as they are)."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor | None, bias: Tensor | None, slope: Tensor | float | None, eps: float,
        left_out: Tensor | None,
    ) -> Tensor:
        count, channels = x.shape[:2]
        dtype = torch.promote_types(x.dtype, torch.float32)  # of the statistics, also where the image is bf16
        scale = x.new_ones(channels, dtype=dtype) if weight is None else weight.to(dtype)
        shift = x.new_zeros(channels, dtype=dtype) if bias is None else bias.to(dtype)
        factor = float(slope) if slope is not None else None
        y, pixels = torch.empty_like(x), _pixels_side_by_side(x)
        if pixels > 1:
            mean, variance = _moments(x, pixels)
            deviation, unused = (variance + eps).rsqrt(), x.new_empty(0, dtype=dtype)
        else:
            mean, deviation = (x.new_empty(count, channels, dtype=dtype) for _ in range(2))
        for i in range(count):
            one, its = x[i : i + 1], y[i : i + 1]
            if pixels > 1:
                _norm_into(one, scale, shift, mean[i], variance[i], False, 0.0, eps, out=its, save_mean=unused,
                           save_invstd=unused)
            else:
                _norm_into(one, scale, shift, None, None, True, 0.0, eps, out=its, save_mean=mean[i],
                           save_invstd=deviation[i])
            if factor is not None:
                _leaky_relu_in_place(its, factor)
        lowest = SMALL if isinstance(slope, Tensor) else 0
        ctx.save_for_backward(x, scale, shift, mean, deviation, y if factor is not None and factor >= lowest else None)
        ctx.eps, ctx.slope, ctx.like, ctx.left_out = eps, factor, slope, left_out
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, scale, shift, mean, deviation, y = ctx.saved_tensors
        wanted = ctx.needs_input_grad[:4]
        dx = torch.empty_like(x) if wanted[0] else None
        dscale, dshift = (torch.zeros_like(scale) if each else None for each in wanted[1:3])
        dslope = torch.zeros_like(ctx.like) if wanted[3] else None
        layout = torch.contiguous_format if x.is_contiguous() else torch.channels_last
        for i in range(len(x)):
            one, g = x[i : i + 1], grad[i : i + 1].contiguous(memory_format=layout)
            if ctx.slope is not None:
                if y is not None:
                    normed = y[i : i + 1]  # of the same sign; where it is negative, ``slope`` times the norm
                else:
                    variance = deviation[i].pow(-2) - ctx.eps
                    normed = _norm(one, scale, shift, mean[i], variance, False, 0.0, ctx.eps)[0]
                if dslope is not None:
                    part = (g * normed.clamp(max=0)).sum((2, 3)).sum(dtype=scale.dtype)
                    dslope += part if y is None else part / ctx.slope
                g = _leaky_relu_backward(g, normed, ctx.slope, False)
            dx_one, dscale_one, dshift_one = _norm_backward(
                g, one, scale, None, None, mean[i], deviation[i], True, ctx.eps, wanted[:3]
            )
            if dx is not None:
                dx[i : i + 1] = dx_one
            if dscale is not None:
                dscale += dscale_one
            if dshift is not None:
                dshift += dshift_one
        return dx, dscale, dshift, dslope, None, torch.zeros_like(ctx.left_out) if ctx.needs_input_grad[5] else None


def _are_many_small(images: Tensor) -> bool:
    """Return whether a batch is quicker normed as one image, although it has to be copied twice."""
    gradients_of_32_bits = images.requires_grad and images.element_size() > 2  # they leave the processor's cache sooner
    return len(images) >= SEVERAL and images[0].numel() <= (SMALL_IMAGE // 2 if gradients_of_32_bits else SMALL_IMAGE)


def _side_by_side(images: Tensor) -> Tensor:
    """Return a batch (B, C, H, W) as one image (1, B * C, H, W), whose channels are normed by themselves just so."""
    count, channels, height, width = images.shape
    if channels == 1:
        return images.transpose(0, 1)  # as it lies
    return images.permute(2, 3, 0, 1).reshape(1, height, width, count * channels).permute(0, 3, 1, 2)


def _apart(image: Tensor, like: Tensor) -> Tensor:
    """Return the batch that `_side_by_side` made one image of, in the layout of ``like``."""
    count, channels, height, width = like.shape
    if channels == 1:
        return image.transpose(0, 1)
    pixels = image.permute(2, 3, 0, 1).reshape(height, width, count, channels)
    return pixels.permute(2, 3, 0, 1).contiguous(memory_format=torch.channels_last)


class QuickInstanceNorm2d(nn.InstanceNorm2d):
    """torch's instance norm; images that are channels last on a processor are normed as they lie."""

    def forward(self, input: Tensor) -> Tensor:
        return self.then(input, None) if self.is_quick(input) else super().forward(input)

    def then(self, input: Tensor, slope: Tensor | float | None, left_out: Tensor | None = None) -> Tensor:
        """Return the norm of ``input`` with its negative values multiplied by ``slope``.

        ``left_out`` is a bias that was not added to ``input``, as the norm would take it away; it gets a gradient of 0.
        """
        weights = (self.weight, self.bias)
        if input.shape[1] > 1 and not _are_many_small(input):
            return _EachImage.apply(input, *weights, slope, self.eps, left_out)
        wide = (None if each is None else each.repeat(len(input)) for each in weights)
        return _apart(_EachImage.apply(_side_by_side(input), *wide, slope, self.eps, left_out), input)

    def is_quick(self, input: Tensor) -> bool:
        """Return whether ``input`` can take the quick way."""
        return (
            not torch.compiler.is_compiling()  # before sizes are asked for: asking would fix them in an exported model
            and not torch.jit.is_tracing()
            and input.device.type == "cpu"
            and input.ndim == 4
            and input.shape[2:].numel() > 1  # torch refuses others by name
            and input.is_contiguous(memory_format=torch.channels_last)
            and not self.track_running_stats
        )
