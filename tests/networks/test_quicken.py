from __future__ import annotations

import copy

import pytest
import torch
from monai.networks.blocks import ADN
from monai.networks.nets import AttentionUnet, BasicUNetPlusPlus, DynUNet, UNet
from torch import nn

from monai_seg.networks.quick_adn import QuickADN
from monai_seg.networks.quick_convolution import QuickConv2d, channels_last
from monai_seg.networks.quick_instance_norm import QuickInstanceNorm2d
from monai_seg.networks.quick_prelu import QuickPReLU
from monai_seg.networks.quicken import quicken


def unet(**others: object) -> nn.Module:
    return UNet(2, 1, 1, (4, 8, 16), (2, 2), num_res_units=1, **others)


def dynunet() -> nn.Module:
    return DynUNet(2, 1, 1, [3] * 3, [1, 2, 2], [2] * 2, filters=[4, 8, 16], norm_name=("instance", {"affine": True}))


NETWORKS = {
    "unet": unet,
    "unet_batch": lambda: unet(norm="batch", act="relu"),
    "dynunet": dynunet,
    "unetplusplus": lambda: BasicUNetPlusPlus(2, 1, 1, features=(4, 4, 8, 8, 16, 4)),
    "attention_unet": lambda: AttentionUnet(2, 1, 1, (4, 8, 16), (2, 2)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_keeps_its_weights_results_and_gradients(name: str):
    torch.manual_seed(0)
    plain = NETWORKS[name]().double()  # so that what remains of rounding does not hide a fault
    quick = copy.deepcopy(plain)
    quicken(quick)
    assert list(quick.state_dict()) == list(plain.state_dict())
    image, losses = torch.rand(2, 1, 32, 48, dtype=torch.float64), []
    for network, given in ((quick, channels_last(image)), (plain, image)):
        result = network(given)
        result = result[0] if isinstance(result, list) else result
        loss = result.square().mean()
        loss.backward()
        losses.append(loss.detach())
    torch.testing.assert_close(*losses)
    for (label, mine), theirs in zip(quick.named_parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad, rtol=1e-7, atol=1e-9, msg=label)


def test_what_has_a_quick_way_takes_it():
    network = unet()
    quicken(network)
    kinds = {type(module) for module in network.modules()}
    assert {QuickADN, QuickInstanceNorm2d, QuickConv2d, QuickPReLU} <= kinds and ADN not in kinds


def test_a_slope_per_channel_stays_torch_s():
    network = nn.Sequential(nn.PReLU(3), nn.PReLU())
    quicken(network)
    assert [type(module) for module in network] == [nn.PReLU, QuickPReLU]


@pytest.mark.parametrize("dropped", [0.0, 0.5])
@pytest.mark.parametrize("act", ["PRELU", "RELU", ("LEAKYRELU", {"negative_slope": 0.1}), "SWISH", None])
@pytest.mark.parametrize("ordering", ["NDA", "AND"])
def test_a_block_gives_what_monai_s_gives(ordering: str, act: object, dropped: float):
    plain = ADN(ordering, in_channels=3, act=act, norm="INSTANCE", dropout=dropped, dropout_dim=2)
    block = copy.deepcopy(plain)
    quicken(block)
    image = torch.randn(2, 3, 6, 6).contiguous(memory_format=torch.channels_last)
    for mode in (True, False):
        results = []
        for each in (block.train(mode), plain.train(mode)):
            torch.manual_seed(3)
            results.append(each(image))
        torch.testing.assert_close(*results, rtol=1e-4, atol=1e-5)
