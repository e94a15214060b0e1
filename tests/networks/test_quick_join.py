from __future__ import annotations

import pytest
import torch
from monai.networks.layers.simplelayers import SkipConnection
from torch import Tensor, nn

from monai_seg.networks.quick_convolution import channels_last
from monai_seg.networks.quick_join import QuickSkipConnection, join


def image(channels: int, height: int = 4, width: int = 6) -> Tensor:
    return channels_last(torch.rand(2, channels, height, width)).requires_grad_(True)


def test_joined_images_and_their_gradients_are_torch_s_and_lie_in_one_piece():
    parts = [image(3), image(5)]
    joined = join(*parts)
    assert torch.equal(joined, torch.cat(parts, dim=1))
    assert joined.is_contiguous(memory_format=torch.channels_last)
    grad = torch.rand_like(joined)
    mine = torch.autograd.grad(joined, parts, grad)
    theirs = torch.autograd.grad(torch.cat(parts, dim=1), parts, grad)
    for one, other in zip(mine, theirs, strict=True):
        assert torch.equal(one, other) and one.is_contiguous(memory_format=torch.channels_last)


def test_other_layouts_and_types_are_left_to_torch():
    plain = torch.rand(2, 3, 4, 6, requires_grad=True)
    assert "Cat" in str(join(plain, image(3)).grad_fn)
    assert join(image(3), image(3).detach().double()).dtype == torch.float64


@pytest.mark.parametrize("mode", ["cat", "add", "mul"])
def test_a_skip_connection_keeps_its_mode(mode: str):
    x, inner = image(3), nn.Conv2d(3, 3, 1)
    assert torch.equal(QuickSkipConnection(inner, mode=mode)(x), SkipConnection(inner, mode=mode)(x))
