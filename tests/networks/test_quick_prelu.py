from __future__ import annotations

import pytest
import torch
from torch import nn

from monai_seg.networks.quick_prelu import QuickPReLU


def quick(slope: float, dtype: torch.dtype = torch.float32) -> QuickPReLU:
    return QuickPReLU(init=slope).to(dtype)


@pytest.mark.parametrize("slope", [0.25, 0.0, 1.0])
def test_its_gradients_are_the_numerical_ones(slope: float):
    module = quick(slope, torch.float64)
    x = torch.linspace(-2, 2, 24, dtype=torch.float64).view(1, 2, 3, 4).requires_grad_(True)  # none of them is 0
    assert torch.autograd.gradcheck(lambda x, a: torch.func.functional_call(module, {"weight": a}, x),
                                    (x, module.weight), check_forward_ad=False)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_values_and_gradients_are_torch_s(dtype: torch.dtype):
    x = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)).to(dtype)
    grad = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1)).to(dtype)
    results = []
    for module in (quick(0.25, dtype), nn.PReLU().to(dtype)):
        leaf = x.clone().requires_grad_(True)
        y = module(leaf)
        results.append((y.detach(), *torch.autograd.grad(y, [leaf, module.weight], grad)))
    (y, dx, da), (y_torch, dx_torch, da_torch) = results
    assert torch.equal(y, y_torch) and torch.equal(dx, dx_torch)
    torch.testing.assert_close(da, da_torch, rtol=2e-2 if dtype == torch.bfloat16 else 1e-5, atol=1e-4)
