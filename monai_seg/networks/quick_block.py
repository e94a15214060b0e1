"""MONAI's blocks of convolution, norm and activation, on a processor without what has no effect.

An instance norm takes away each channel's mean, and with it the bias of the convolution before it: the bias changes
nothing, and its gradient is zero. Adding it and summing up that gradient take a twentieth of a UNet's step.
"""

from __future__ import annotations

from monai.networks.blocks import Convolution
from torch import Tensor, nn
from torch.nn.functional import conv_transpose2d

from monai_seg.networks.quick_adn import QuickADN
from monai_seg.networks.quick_convolution import channels_last
from monai_seg.networks.quick_transposed import double, doubles_to_one_channel


class QuickConvolution(Convolution):
    """MONAI's Convolution; a bias that the norm takes away again is left out, its gradient is exactly zero."""

    def forward(self, input: Tensor) -> Tensor:
        conv, adn = self.conv, getattr(self, "adn", None)
        if not (isinstance(adn, QuickADN) and isinstance(conv, nn.Conv2d | nn.ConvTranspose2d) and _is_plain(conv)
                and conv.bias is not None and adn.is_quick(input)):
            return super().forward(input)
        image = _without_bias(conv, input)
        if adn.is_quick(image):
            return adn.normed(image, conv.bias)
        return adn(image + conv.bias.view(-1, 1, 1))


def _is_plain(conv: nn.Module) -> bool:
    """Return whether nobody listens to what goes into ``conv`` and comes out of it."""
    return not (conv._forward_hooks or conv._forward_pre_hooks or conv._backward_hooks or conv._backward_pre_hooks)


def _without_bias(conv: nn.Conv2d | nn.ConvTranspose2d, image: Tensor) -> Tensor:
    image = channels_last(image)
    if isinstance(conv, nn.Conv2d):
        return conv._conv_forward(image, conv.weight, None)
    if doubles_to_one_channel(conv):
        return double(image, conv.weight)
    return conv_transpose2d(image, conv.weight, None, conv.stride, conv.padding,  # type: ignore[arg-type]
                            conv.output_padding, conv.groups, conv.dilation)
