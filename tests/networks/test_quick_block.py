from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from monai.networks.blocks import Convolution
from torch import Tensor

from monai_seg.networks.quick_block import QuickConvolution
from monai_seg.networks.quick_convolution import channels_last
from monai_seg.networks.quicken import quicken

BLOCKS: dict[str, dict[str, Any]] = {
    "strided": {"strides": 2},
    "to one channel": {"out_channels": 1, "strides": 2, "is_transposed": True},
    "transposed": {"strides": 2, "is_transposed": True},
    "with dropout": {"dropout": 0.0},
    "leaky": {"act": ("leakyrelu", {"negative_slope": 0.1})},
    "batch norm": {"norm": "batch"},
    "activation first": {"adn_ordering": "AND"},
    "no norm": {"norm": None},
    "alone": {"conv_only": True},
    "no bias": {"bias": False},
}


def block(**options: Any) -> Convolution:
    torch.manual_seed(0)
    return Convolution(**{"spatial_dims": 2, "in_channels": 3, "out_channels": 4, **options}).double()


@pytest.mark.parametrize("name", BLOCKS)
def test_results_and_gradients_are_monai_s(name: str):
    plain = block(**BLOCKS[name])
    quick = copy.deepcopy(plain)
    quicken(quick)
    assert type(quick) is QuickConvolution
    image = torch.rand(2, 3, 8, 10, dtype=torch.float64)
    for each, given in ((plain, image), (quick, channels_last(image))):
        each(given).square().sum().backward()
    torch.testing.assert_close(quick(channels_last(image)), plain(image), rtol=1e-7, atol=1e-9)
    with torch.no_grad():
        torch.testing.assert_close(quick(channels_last(image)), plain(image), rtol=1e-7, atol=1e-9)
    for mine, theirs in zip(quick.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-7, atol=1e-9)


def test_a_bias_before_an_instance_norm_stays_as_it_is():
    quick = block()
    quicken(quick)
    quick(channels_last(torch.rand(2, 3, 8, 10, dtype=torch.float64))).square().sum().backward()
    assert not quick.conv.bias.grad.any()
    assert quick.conv.weight.grad.any()


def test_who_listens_to_the_convolution_hears_it():
    quick, heard = block(), list[Tensor]()
    quicken(quick)
    quick.conv.register_forward_hook(lambda module, inputs, output: heard.append(output))
    quick(channels_last(torch.rand(2, 3, 8, 10, dtype=torch.float64)))
    assert heard[0].shape == (2, 4, 8, 10)
