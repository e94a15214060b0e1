"""What makes a network quick on a processor and leaves its weights, their names and its results as they are."""

from __future__ import annotations

from monai.networks.blocks import ADN
from torch import nn

from monai_seg.networks.quick_adn import QuickADN
from monai_seg.networks.quick_convolution import QuickConv2d
from monai_seg.networks.quick_instance_norm import QuickInstanceNorm2d
from monai_seg.networks.quick_prelu import QuickPReLU


def quicken(network: nn.Module) -> None:
    """Let the modules of ``network`` take the quick ways that are known; results are the same but for rounding.

    These are instance norm with its activation, convolutions of one channel, and PReLU with one slope. Give the network
    images that are `channels_last`. Dropout draws other pixels than it does channels first.
    """
    for module in network.modules():
        if type(module) is nn.InstanceNorm2d:
            module.__class__ = QuickInstanceNorm2d
        elif type(module) is nn.Conv2d and module.in_channels == 1:
            module.__class__ = QuickConv2d
        elif type(module) is nn.PReLU and module.num_parameters == 1:
            module.__class__ = QuickPReLU
        elif type(module) is ADN:
            module.__class__ = QuickADN
