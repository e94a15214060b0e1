from __future__ import annotations

import pytest
import torch
from monai.networks.nets import FlexibleUNet, UNet
from torch import nn

from monai_seg.errors import InputError
from monai_seg.networks import ResNetUNet, SegmentationNetwork, prepare_encoder
from monai_seg.networks.freeze import encoder_stages, freeze_encoder, frozen_parts

CHANNELS = (8, 8, 8, 8, 8)


def resnet() -> nn.Module:
    torch.manual_seed(0)
    return ResNetUNet(1, 1, "resnet10", decoder_channels=CHANNELS)


def efficientnet() -> nn.Module:
    torch.manual_seed(0)
    return FlexibleUNet(1, 1, "efficientnet-b0", decoder_channels=CHANNELS)


MAKERS = {"resnet": resnet, "efficientnet": efficientnet}
encoders = pytest.mark.parametrize("name", MAKERS)
IMAGE = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(0))


def step(network: nn.Module) -> dict[str, torch.Tensor]:
    """Take a training step and return the state before it."""
    wrapped = SegmentationNetwork(network, 1, 1, precision="fp32")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    optimizer = torch.optim.SGD([weight for weight in network.parameters() if weight.requires_grad], lr=0.1)
    wrapped.train()
    wrapped(IMAGE).square().mean().backward()
    optimizer.step()
    return before


@encoders
def test_a_frozen_encoder_is_the_same_after_a_step_norms_included(name: str):
    network = MAKERS[name]()
    freeze_encoder(network, True)
    before = step(network)
    changed = {key for key, value in network.state_dict().items() if not torch.equal(value, before[key])}
    assert not any(key.startswith("encoder.") for key in changed)
    assert any(key.startswith("decoder.") for key in changed)
    assert not any(module.training for module in network.encoder.modules())
    assert all(module.training for module in network.decoder.modules())


def test_a_frozen_norm_stays_in_eval_mode_whatever_is_called():
    network = resnet()
    freeze_encoder(network, "true")
    wrapped = SegmentationNetwork(network, 1, 1, precision="fp32")
    for mode in (True, False, True):
        wrapped.train(mode)
        assert not network.encoder.bn1.training
        assert network.decoder.training is mode
    outer = nn.Sequential(wrapped).train()  # as in DistributedDataParallel
    assert outer.training and not network.encoder.bn1.training


@encoders
@pytest.mark.parametrize("stages", [1, 3, 5])
def test_the_first_stages_stay_and_the_others_learn(name: str, stages: int):
    network = MAKERS[name]()
    freeze_encoder(network, stages)
    before = step(network)
    state = network.state_dict()
    changed = {id(value) for key, value in network.named_parameters() if not torch.equal(state[key], before[key])}
    drifted = {id(value) for key, value in network.named_buffers() if not torch.equal(state[key], before[key])}
    for number, parts in enumerate(encoder_stages(network.encoder), start=1):
        tensors = [tensor for part in parts for tensor in (*part.parameters(), *part.buffers())]
        assert any(id(tensor) in changed | drifted for tensor in tensors) is (number > stages), number


@encoders
def test_the_stages_are_all_that_leads_to_the_features(name: str):
    """A stage's parts change its own feature map and those behind it, and none before."""
    network = MAKERS[name]().eval()
    with torch.no_grad():
        plain = network.encoder(IMAGE)
    for number in range(5):
        other = MAKERS[name]().eval()
        for part in encoder_stages(other.encoder)[number]:
            for parameter in part.parameters():
                parameter.data += 0.3
        with torch.no_grad():
            features = other.encoder(IMAGE)
        assert [torch.equal(a, b) for a, b in zip(plain, features, strict=True)] == [i < number for i in range(5)]


@pytest.mark.parametrize("freeze", [False, "false", 0])
def test_nothing_is_frozen_unless_it_is_asked_for(freeze: object):
    unet = UNet(2, 1, 1, channels=(4, 8), strides=(2,))
    prepare_encoder(unet, None, freeze)  # type: ignore[arg-type]
    assert frozen_parts(unet) == []
    assert all(module.training for module in SegmentationNetwork(unet, 1, 1).train().modules())


def test_what_cannot_be_frozen_is_told():
    with pytest.raises(InputError, match=r"^freeze_encoder: 6 is no choice; give true, false or a number of stages "):
        freeze_encoder(resnet(), 6)
    with pytest.raises(InputError, match=r"^freeze_encoder: UNet has no part of the name encoder; choose a "):
        freeze_encoder(UNet(2, 1, 1, channels=(4, 8), strides=(2,)), True)
    other = resnet()
    other.encoder = nn.Sequential(nn.Conv2d(1, 4, 3))
    with pytest.raises(InputError, match=r"^freeze_encoder: the stages of Sequential are not known; give true to "):
        freeze_encoder(other, 2)
    freeze_encoder(other, True)
    assert frozen_parts(other) == [other.encoder]
