from __future__ import annotations

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
