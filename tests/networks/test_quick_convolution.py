from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from monai_seg.networks.quick_convolution import QuickConv2d, channels_last


@pytest.mark.parametrize("channels", [1, 3])
def test_channels_last_keeps_the_values_and_is_told_by_the_strides(channels: int):
    image = torch.rand(2, channels, 5, 7)
    last = channels_last(image)
    assert torch.equal(last, image)
    assert last.stride() == (35 * channels, 1, 7 * channels, channels)
    assert (last.data_ptr() == image.data_ptr()) == (channels == 1)  # nothing is copied for one channel


@pytest.mark.parametrize("out_channels", [1, 4])
def test_results_are_torch_s_and_lie_channels_last(out_channels: int):
    plain = nn.Conv2d(1, out_channels, 3, padding=1, stride=2)
    quick = QuickConv2d(1, out_channels, 3, padding=1, stride=2)
    quick.load_state_dict(plain.state_dict())
    image = torch.rand(2, 1, 16, 20)
    leaves = [image.clone().requires_grad_(True) for _ in range(2)]
    results = [module(leaf) for module, leaf in zip((quick, plain), leaves, strict=True)]
    torch.testing.assert_close(*results)
    assert results[0].is_contiguous(memory_format=torch.channels_last)
    for result in results:
        result.square().sum().backward()
    torch.testing.assert_close(leaves[0].grad, leaves[1].grad)
    torch.testing.assert_close(quick.weight.grad, plain.weight.grad)


@pytest.mark.parametrize("size", [(1, 16), (7, 48), (32, 32)])
@pytest.mark.parametrize("bias", [False, True])
def test_from_one_channel_to_one_results_and_gradients_are_torch_s(size: tuple[int, int], bias: bool):
    plain = nn.Conv2d(1, 1, 3, padding=1, bias=bias).double()
    quick = QuickConv2d(1, 1, 3, padding=1, bias=bias).double()
    quick.load_state_dict(plain.state_dict())
    image = torch.rand(3, 1, *size, dtype=torch.float64)
    leaves = [image.clone().requires_grad_(True) for _ in range(2)]
    results = [module(leaf) for module, leaf in zip((quick, plain), (channels_last(leaves[0]), leaves[1]), strict=True)]
    torch.testing.assert_close(*results)
    assert results[0].is_contiguous(memory_format=torch.channels_last)
    for result in results:
        (result * torch.arange(result.numel()).view_as(result).sin()).sum().backward()
    torch.testing.assert_close(leaves[0].grad, leaves[1].grad)
    for mine, theirs in zip(quick.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)


@pytest.mark.parametrize("other", [{"padding": 0}, {"stride": 2}, {"kernel_size": 5, "padding": 2}, {"dilation": 2},
                                   {"padding_mode": "reflect"}, {"width": 30}], ids=str)  # fmt: skip
def test_other_convolutions_of_one_channel_are_torch_s(other: dict[str, Any]):
    options = {"kernel_size": 3, "padding": 1, **other}
    image = torch.rand(2, 1, 12, options.pop("width", 32))
    plain, quick = nn.Conv2d(1, 1, **options), QuickConv2d(1, 1, **options)
    quick.load_state_dict(plain.state_dict())
    torch.testing.assert_close(quick(image), plain(image))


def test_in_bf16_it_is_as_exact_as_torch_s():
    plain = nn.Conv2d(1, 1, 3, padding=1)
    quick = QuickConv2d(1, 1, 3, padding=1)
    quick.load_state_dict(plain.state_dict())
    image = channels_last(torch.rand(2, 1, 32, 32))
    with torch.autocast("cpu", torch.bfloat16):
        mine, theirs = quick(image), plain(image)
    assert mine.dtype == theirs.dtype == torch.bfloat16
    torch.testing.assert_close(mine, theirs, rtol=2**-7, atol=2**-7)
