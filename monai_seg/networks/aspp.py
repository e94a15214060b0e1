"""Atrous spatial pyramid pooling: the same features seen at several distances at once, and as a whole.

MONAI's `SimpleASPP` has neither the view of the whole image nor a norm in its branches.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from monai.networks.blocks import Convolution
from torch import Tensor, nn


class ASPP(nn.Module):
    """A 1 x 1 convolution, dilated separable ones and the image's mean, joined by one more convolution.

    Args:
        in_channels: channels of the features.
        out_channels: channels of each branch and of the result.
        dilations: one branch each; (6, 12, 18) for features of stride 16, twice that for stride 8.
        dropout: share of values dropped at the end.

    Shape:
        Input (B, in_channels, H, W); result (B, out_channels, H, W).

    Source:
        Chen et al. 2018, https://arxiv.org/abs/1802.02611. Differs: the branch of the image's mean has no norm, as a
        batch of one image has one value per channel there.
    """

    def __init__(
        self, in_channels: int, out_channels: int = 256, dilations: Sequence[int] = (6, 12, 18), dropout: float = 0.1
    ) -> None:
        super().__init__()
        self.branches = nn.ModuleList([convolve(in_channels, out_channels, 1)])
        self.branches.extend(separable(in_channels, out_channels, dilation) for dilation in dilations)
        self.whole = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), Convolution(2, in_channels, out_channels, kernel_size=1, act="relu", norm=None)
        )
        self.join = nn.Sequential(
            convolve(out_channels * (len(self.branches) + 1), out_channels, 1), nn.Dropout(dropout)
        )

    def forward(self, features: Tensor) -> Tensor:
        whole = self.whole(features).expand(-1, -1, *features.shape[-2:])
        return self.join(torch.cat([*(branch(features) for branch in self.branches), whole], dim=1))


def convolve(in_channels: int, out_channels: int, kernel_size: int) -> Convolution:
    """Return convolution, batch norm and ReLU."""
    return Convolution(
        2, in_channels, out_channels, kernel_size=kernel_size, act="relu", norm="batch", bias=False
    )


def separable(in_channels: int, out_channels: int, dilation: int = 1) -> nn.Sequential:
    """Return a 3 x 3 convolution of each channel alone and a 1 x 1 one that mixes them, batch norm and ReLU."""
    return nn.Sequential(
        Convolution(2, in_channels, in_channels, kernel_size=3, dilation=dilation, groups=in_channels, bias=False,
                    conv_only=True),
        convolve(in_channels, out_channels, 1),
    )  # fmt: skip
