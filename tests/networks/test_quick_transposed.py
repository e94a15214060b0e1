from __future__ import annotations

import pytest
import torch
from torch import nn

from monai_seg.networks.quick_convolution import channels_last
from monai_seg.networks.quick_transposed import double, doubles_to_one_channel


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (6, 4)])
@pytest.mark.parametrize("channels", [1, 32])
def test_it_is_torch_s_transposed_convolution(size: tuple[int, int], channels: int):
    conv = nn.ConvTranspose2d(channels, 1, 3, stride=2, padding=1, output_padding=1, bias=False)
    image = channels_last(torch.randn(2, channels, *size))
    assert doubles_to_one_channel(conv)
    with torch.no_grad():
        torch.testing.assert_close(double(image, conv.weight), conv(image), rtol=1e-5, atol=1e-5)
        with torch.autocast("cpu", torch.bfloat16):
            halved = double(image, conv.weight)
        assert halved.dtype == torch.bfloat16
        torch.testing.assert_close(halved.float(), conv(image), rtol=3e-2, atol=3e-2)


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
@pytest.mark.parametrize("size", [(1, 1), (6, 4)])
def test_its_gradients_are_torch_s(size: tuple[int, int], dtype: torch.dtype):
    conv = nn.ConvTranspose2d(32, 1, 3, stride=2, padding=1, output_padding=1, bias=False, dtype=dtype)
    image = channels_last(torch.randn(2, 32, *size, dtype=dtype)).requires_grad_(True)
    wanted = torch.randn(2, 1, 2 * size[0], 2 * size[1], dtype=dtype)
    mine = torch.autograd.grad(double(image, conv.weight), [image, conv.weight], wanted)
    theirs = torch.autograd.grad(conv(image), [image, conv.weight], wanted)
    for one, other in zip(mine, theirs, strict=True):
        assert one.dtype == dtype
        torch.testing.assert_close(one, other)


def test_its_gradient_under_autocast_has_the_weight_s_type():
    conv = nn.ConvTranspose2d(32, 1, 3, stride=2, padding=1, output_padding=1, bias=False)
    image = channels_last(torch.randn(2, 32, 6, 4))
    with torch.autocast("cpu", torch.bfloat16):
        double(image, conv.weight).float().square().sum().backward()
    mine = conv.weight.grad.clone()
    conv.zero_grad()
    with torch.autocast("cpu", torch.bfloat16):
        conv(image).float().square().sum().backward()
    assert mine.dtype == torch.float32
    torch.testing.assert_close(mine, conv.weight.grad, rtol=3e-2, atol=3e-1)


def test_images_without_a_gradient_get_none():
    weight = torch.randn(4, 1, 3, 3, requires_grad=True)
    double(channels_last(torch.randn(1, 4, 3, 3)), weight).sum().backward()
    assert weight.grad is not None


@pytest.mark.parametrize("other", [
    {"out_channels": 2}, {"kernel_size": 2, "padding": 0, "output_padding": 0}, {"stride": 3}, {"padding": 0},
    {"output_padding": 0}, {"dilation": 2}, {"in_channels": 2, "out_channels": 2, "groups": 2},
], ids=str)  # fmt: skip
def test_other_convolutions_are_not_taken_for_it(other: dict[str, int]):
    options = {"in_channels": 4, "out_channels": 1, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}
    assert not doubles_to_one_channel(nn.ConvTranspose2d(**{**options, **other}))
