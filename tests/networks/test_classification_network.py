from __future__ import annotations

import pytest
import torch
from torch import nn

from monai_seg.errors import InputError
from monai_seg.networks.classification_network import ClassificationNetwork


def tiny(in_channels: int = 1, classes: int = 3) -> nn.Module:
    return nn.Sequential(nn.Conv2d(in_channels, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, classes))


def test_logits_are_float32_and_near_in_bf16() -> None:
    network, image = tiny(), torch.rand(2, 1, 40, 50)
    exact = ClassificationNetwork(network, 1, 3, precision="fp32")(image)
    near = ClassificationNetwork(network, 1, 3, precision="bf16")(image)
    assert torch.equal(exact, network(image))
    assert near.dtype == torch.float32
    assert not torch.equal(near, exact)
    assert torch.allclose(near, exact, atol=0.01)


def test_the_network_s_mode_is_left_as_it_was() -> None:
    network = tiny().train()
    ClassificationNetwork(network, 1, 3)
    assert network.training


@pytest.mark.parametrize(("network", "error"), [
    (tiny(3), r"network_def: the network takes no \(1, 1, H, W\) image: .*; set its in_channels to @in_channels"),
    (tiny(1, 5), r"network_def: the network gives \(1, 5\) for one image, the data have 3 classes"),
    (nn.Conv2d(1, 3, 1), r"network_def: the network gives \(1, 3, 64, 64\) for one image"),
])  # fmt: skip
def test_a_network_that_does_not_fit_the_data_is_refused(network: nn.Module, error: str) -> None:
    with pytest.raises(InputError, match=error):
        ClassificationNetwork(network, 1, 3)
