from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import instance_norm, leaky_relu

from monai_seg.networks import quick_instance_norm
from monai_seg.networks.quick_instance_norm import QuickInstanceNorm2d


def image(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    made = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(dtype)
    return made.contiguous(memory_format=torch.channels_last)


def quick(channels: int, affine: bool = False, dtype: torch.dtype = torch.float32) -> QuickInstanceNorm2d:
    norm = QuickInstanceNorm2d(channels, affine=affine)
    if affine:
        nn.init.uniform_(norm.weight, 0.5, 2)
        nn.init.uniform_(norm.bias, -1, 1)
    return norm.to(dtype)


@pytest.mark.parametrize("affine", [False, True])
@pytest.mark.parametrize("slope", [None, 0.0, 0.25, -0.5])
@pytest.mark.parametrize("count", [2, 4])  # one by one, and side by side
def test_its_gradients_are_the_numerical_ones(count: int, affine: bool, slope: float | None):
    norm = quick(3, affine, torch.float64)
    weights = dict(norm.named_parameters())
    x = image(count, 3, 4, 5, dtype=torch.float64).requires_grad_(True)
    a = None if slope is None else torch.full((1,), slope, dtype=torch.float64, requires_grad=True)

    def run(x: Tensor, a: Tensor | None, *values: Tensor) -> Tensor:
        for name, value in zip(weights, values, strict=True):
            norm._parameters[name] = value
        return norm.then(x.contiguous(memory_format=torch.channels_last), a)

    assert torch.autograd.gradcheck(run, (x, a, *(each.detach().requires_grad_(True) for each in weights.values())))


@pytest.mark.parametrize("channels", [1, 16])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("count", [3, 5])
def test_values_and_gradients_are_torch_s(count: int, channels: int, dtype: torch.dtype):
    slope, norm = torch.tensor([0.25], requires_grad=True), quick(channels, affine=True)
    x, grad = image(count, channels, 9, 12, dtype=dtype), image(count, channels, 9, 12).flip(0).to(dtype)
    leaf = x.clone(memory_format=torch.preserve_format).requires_grad_(True)
    assert norm.is_quick(leaf)
    mine = norm.then(leaf, slope)
    exact = x.double().requires_grad_(True)
    theirs = leaky_relu(instance_norm(exact, weight=norm.weight.double(), bias=norm.bias.double()), 0.25)
    close = {"rtol": 2e-2, "atol": 2e-2} if dtype == torch.bfloat16 else {"rtol": 1e-4, "atol": 1e-5}
    torch.testing.assert_close(mine.double(), theirs, **close)
    torch.testing.assert_close(torch.autograd.grad(mine, leaf, grad)[0].double(),
                               torch.autograd.grad(theirs, exact, grad.double())[0], **close)
    assert mine.dtype == dtype and mine.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("shape", [(2, 16, 16, 24), (3, 8, 4, 8), (2, 4, 32, 32), (2, 16, 5, 7), (8, 64, 32, 32)])
@pytest.mark.parametrize("mean", [0.0, 1000.0])
def test_few_channels_keep_the_digits_of_the_moments(shape: tuple[int, ...], mean: float):
    x = image(*shape) + mean
    exact = instance_norm(x.double())
    torch.testing.assert_close(quick(shape[1])(x).double(), exact, rtol=1e-4, atol=1e-6 if mean == 0 else 1e-3)


def test_many_small_images_are_normed_as_one_image(monkeypatch: pytest.MonkeyPatch):
    norm, seen = quick(3), []
    way = quick_instance_norm._EachImage
    apply = way.apply
    monkeypatch.setattr(way, "apply", lambda x, *rest: seen.append(x.shape) or apply(x, *rest))
    together = norm(image(4, 3, 8, 8))
    assert seen == [(1, 12, 8, 8)] and together.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(together[1:3], norm(image(4, 3, 8, 8)[1:3]))
    for shape in ((3, 3, 8, 8), (4, 16, 64, 65)):  # few, and large
        norm(image(*shape))
        assert seen[-1] == shape
    norm(image(4, 16, 64, 48))
    assert seen[-1] == (1, 64, 64, 48)
    norm(image(4, 16, 64, 48).requires_grad_(True))  # its gradients would be many
    assert seen[-1] == (4, 16, 64, 48)


def test_a_bias_that_is_left_out_has_a_gradient_of_zero():
    norm, x = quick(4), image(2, 4, 6, 6).requires_grad_(True)
    bias = torch.ones(4, requires_grad=True)
    norm.then(x, 0.1, bias).square().sum().backward()
    assert bias.grad is not None and not bias.grad.any()


def test_images_that_lie_channels_first_and_single_pixels_go_torch_s_way():
    norm = quick(3)
    plain = torch.randn(2, 3, 4, 4)
    assert not norm.is_quick(plain) and torch.equal(norm(plain), instance_norm(plain))
    with pytest.raises(ValueError, match="more than 1 spatial element"):
        norm(image(2, 3, 1, 1))
    assert not QuickInstanceNorm2d(3, track_running_stats=True).is_quick(image(2, 3, 4, 4))


def test_a_part_of_wider_channels_gives_the_same_gradient():
    norm, x = quick(4), image(2, 4, 6, 6).requires_grad_(True)
    wide = image(2, 8, 6, 6)
    part = torch.autograd.grad(norm.then(x, 0.1), x, wide[:, :4])[0]
    dense = torch.autograd.grad(norm.then(x, 0.1), x, wide[:, :4].clone())[0]
    assert torch.equal(part, dense)
