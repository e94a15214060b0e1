"""DeepLabV3+, which MONAI lacks, of MONAI's ResNet and convolutions."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from monai_seg.errors import InputError
from monai_seg.networks.aspp import ASPP, convolve, separable
from monai_seg.networks.resnet_pyramid import ResNetPyramid

DILATIONS = {16: (6, 12, 18), 8: (12, 24, 36)}
LOW_CHANNELS = 48  # few, so that the fine features do not outweigh the coarse ones, which know more


class DeepLabV3Plus(nn.Module):
    """A dilated ResNet, ASPP on its last features, and a decoder that adds the features of stride 4.

    Args:
        in_channels: channels of the image.
        out_channels: channels of the logits.
        backbone: see `ResNetPyramid`.
        output_stride: of the features that ASPP sees: 16, or 8, which is finer and takes about three times as long.
        channels: of ASPP and of the decoder.
        dropout: see `ASPP`.

    Shape:
        Input (B, in_channels, H, W), H and W multiples of ``output_stride``; result (B, out_channels, H, W).

    Raises:
        InputError: no such backbone or output stride.
    Source:
        Chen et al. 2018, https://arxiv.org/abs/1802.02611.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        backbone: str = "resnet34",
        output_stride: int = 16,
        channels: int = 256,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if output_stride not in DILATIONS:
            raise InputError("network_def", f"output_stride must be 16 or 8, got {output_stride!r}",
                             "give one of these")
        self.encoder = ResNetPyramid(backbone, in_channels, output_stride)
        self.aspp = ASPP(self.encoder.channels[-1], channels, DILATIONS[output_stride], dropout)
        self.low = convolve(self.encoder.channels[1], LOW_CHANNELS, 1)
        self.decoder = nn.Sequential(separable(channels + LOW_CHANNELS, channels), separable(channels, channels))
        self.head = nn.Conv2d(channels, out_channels, kernel_size=1)
        self.upscale = output_stride // 4

    def forward(self, image: Tensor) -> Tensor:
        _, low, *_, deep = self.encoder(image)
        coarse = _enlarged(self.aspp(deep), self.upscale)
        return _enlarged(self.head(self.decoder(torch.cat([coarse, self.low(low)], dim=1))), 4)


def _enlarged(features: Tensor, times: int) -> Tensor:
    return interpolate(features, scale_factor=float(times), mode="bilinear", align_corners=False)
