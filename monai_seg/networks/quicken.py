"""What makes a network quick on a processor and leaves its weights, their names and its results as they are."""

from __future__ import annotations

from monai.networks.blocks import ADN, Convolution
from monai.networks.blocks.dynunet_block import UnetBasicBlock, UnetUpBlock
from monai.networks.layers.simplelayers import SkipConnection
from torch import nn

from monai_seg.networks.quick_adn import QuickADN
from monai_seg.networks.quick_basic_block import QuickBasicBlock
from monai_seg.networks.quick_block import QuickConvolution
from monai_seg.networks.quick_convolution import QuickConv2d
from monai_seg.networks.quick_instance_norm import QuickInstanceNorm2d
from monai_seg.networks.quick_join import QuickSkipConnection, QuickUpBlock
from monai_seg.networks.quick_prelu import QuickPReLU

QUICK: dict[type[nn.Module], type[nn.Module]] = {
    nn.InstanceNorm2d: QuickInstanceNorm2d,
    nn.Conv2d: QuickConv2d,  # of one channel
    nn.PReLU: QuickPReLU,  # with one slope
    ADN: QuickADN,
    Convolution: QuickConvolution,
    UnetBasicBlock: QuickBasicBlock,
    UnetUpBlock: QuickUpBlock,
    SkipConnection: QuickSkipConnection,
}


def quicken(network: nn.Module) -> None:
    """Let the modules of ``network`` take the quick ways that are known; results are the same but for rounding.

    These are instance norm with its activation and without the bias before it, convolutions of one channel, PReLU with
    one slope, and images joined along their channels. Give the network images that are `channels_last`. Dropout draws
    other pixels than it does channels first.
    """
    for module in network.modules():
        quick = QUICK.get(type(module))
        if quick is not None and _pays(module):
            module.__class__ = quick


def _pays(module: nn.Module) -> bool:
    if type(module) is nn.Conv2d:
        return module.in_channels == 1
    return type(module) is not nn.PReLU or module.num_parameters == 1
