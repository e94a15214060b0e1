"""MONAI's FlexibleUNet with a ResNet that torchvision's weights fit."""

from __future__ import annotations

from collections.abc import Sequence

from monai.networks.nets import FlexibleUNet

from monai_seg.networks.resnet_pyramid import ResNetPyramid


class ResNetUNet(FlexibleUNet):
    """FlexibleUNet, its encoder replaced by `ResNetPyramid`: for ResNet-18 and 34, see there for the reasons.

    Args:
        in_channels: channels of the image.
        out_channels: channels of the logits.
        backbone: see `ResNetPyramid`.
        decoder_channels: of the decoder's five levels, the coarsest first.
        dropout: share of values dropped after each convolution of the decoder.

    Shape:
        Input (B, in_channels, H, W), H and W multiples of 32; result (B, out_channels, H, W).

    Raises:
        InputError: no such backbone.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        backbone: str = "resnet18",
        decoder_channels: Sequence[int] = (256, 128, 64, 32, 16),
        dropout: float = 0.0,
    ) -> None:
        encoder = ResNetPyramid(backbone, in_channels)
        super().__init__(in_channels, out_channels, backbone, decoder_channels=tuple(decoder_channels),
                         dropout=dropout, is_pad=False)  # fmt: skip
        self.encoder = encoder
