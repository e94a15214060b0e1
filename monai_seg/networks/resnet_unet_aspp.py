"""The UNet with a ResNet encoder and DeepLabV3's head, joined: ASPP at the bottom, a full decoder above."""

from __future__ import annotations

from collections.abc import Sequence

from monai.networks.nets.flexible_unet import SegmentationHead, UNetDecoder
from torch import Tensor, nn

from monai_seg.networks.aspp import ASPP
from monai_seg.networks.resnet_pyramid import ResNetPyramid


class ResNetUNetASPP(nn.Module):
    """A ResNet of output stride 16, ASPP on its last features, and MONAI's UNet decoder up to the image's size.

    DeepLabV3+ enlarges its logits four times by interpolation; here each level from stride 8 up adds its own features.

    Args:
        in_channels: channels of the image.
        out_channels: channels of the logits.
        backbone: see `ResNetPyramid`.
        channels: of ASPP.
        decoder_channels: of the decoder's four levels, the coarsest first.
        dropout: see `ASPP`.

    Shape:
        Input (B, in_channels, H, W), H and W multiples of 16; result (B, out_channels, H, W).

    Raises:
        InputError: no such backbone.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        backbone: str = "resnet34",
        channels: int = 256,
        decoder_channels: Sequence[int] = (128, 64, 32, 16),
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.encoder = ResNetPyramid(backbone, in_channels, output_stride=16)
        self.aspp = ASPP(self.encoder.channels[-1], channels, dropout=dropout)
        self.decoder = UNetDecoder(
            2, (in_channels, *self.encoder.channels[:3], channels), decoder_channels, act=("relu", {"inplace": True}),
            norm="batch", dropout=0.0, bias=False, upsample="nontrainable", pre_conv="default", interp_mode="nearest",
            align_corners=None, is_pad=False,
        )  # fmt: skip
        self.head = SegmentationHead(2, decoder_channels[-1], out_channels)

    def forward(self, image: Tensor) -> Tensor:
        *skips, _, deep = self.encoder(image)  # the features before the last have its size, and ASPP comes from them
        return self.head(self.decoder([*skips, self.aspp(deep)], skip_connect=len(skips)))
