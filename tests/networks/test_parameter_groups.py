from __future__ import annotations

import pytest
import torch
from monai.networks.nets import UNet
from torch import nn

from monai_seg.errors import InputError
from monai_seg.networks import ResNetUNet, SegmentationNetwork, parameter_groups
from monai_seg.networks.freeze import freeze_encoder


def network() -> nn.Module:
    return ResNetUNet(1, 1, "resnet10", decoder_channels=(8, 8, 8, 8, 8))


def ids(parameters: object) -> list[int]:
    return [id(parameter) for parameter in parameters]  # type: ignore[attr-defined]


def test_without_a_rate_of_its_own_all_parameters_are_one_group():
    unet = UNet(2, 1, 1, channels=(4, 8), strides=(2,))
    (group,) = parameter_groups(SegmentationNetwork(unet, 1, 1), 0.1)
    assert ids(group["params"]) == ids(unet.parameters())
    assert group["lr"] == 0.1


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_the_encoder_learns_at_its_own_rate_and_comes_last(is_wrapped: bool):
    net = network()
    groups = parameter_groups(SegmentationNetwork(net, 1, 1) if is_wrapped else net, 0.1, 0.01)
    optimizer = torch.optim.SGD(groups, lr=0.1)
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.01]
    assert ids(groups[1]["params"]) == ids(net.encoder.parameters())
    assert sorted(ids([*groups[0]["params"], *groups[1]["params"]])) == sorted(ids(net.parameters()))
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 0.5**epoch)
    optimizer.step()
    scheduler.step()
    assert [group["lr"] for group in optimizer.param_groups] == [0.05, 0.005]


def test_frozen_parameters_are_in_no_group():
    net = network()
    freeze_encoder(net, 2)
    fast, slow = parameter_groups(net, 0.1, 0.01)
    assert ids(slow["params"]) == ids([*net.encoder.layer2.parameters(), *net.encoder.layer3.parameters(),
                                       *net.encoder.layer4.parameters()])
    freeze_encoder(net, True)
    (rest,) = parameter_groups(net, 0.1)
    assert ids(rest["params"]) == ids(fast["params"])


def test_what_leaves_nothing_to_train_is_told():
    net = network()
    freeze_encoder(net, True)
    with pytest.raises(InputError, match=r"^encoder_learning_rate: is 0.01, but the whole encoder is frozen; leave"):
        parameter_groups(net, 0.1, 0.01)
    with pytest.raises(InputError, match=r"^encoder_learning_rate: UNet has no part of the name encoder"):
        parameter_groups(SegmentationNetwork(UNet(2, 1, 1, channels=(4, 8), strides=(2,)), 1, 1), 0.1, 0.01)
    net.requires_grad_(False)
    with pytest.raises(InputError, match="leaves nothing to train; freeze fewer stages"):
        parameter_groups(net, 0.1)
