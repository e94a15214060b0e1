"""The first convolution of a pretrained encoder, for images of another number of channels."""

from __future__ import annotations

import torch
from torch import Tensor


def fit_first_convolution(weight: Tensor, in_channels: int) -> Tensor:
    """Return ``weight`` for ``in_channels`` by the rule "cycle", which keeps the answer to a grey picture.

    Channel i of the file and channel j of the image belong together where i = j modulo the smaller of the two numbers;
    what belongs together is added up, and divided by the number of image channels that share it. So three channels
    become one by their sum: a grey picture in three equal channels has the answer w1 x + w2 x + w3 x, and one channel
    must have (w1 + w2 + w3) x to give the same, with which all later weights and norms were trained. A mean would be a
    third of it. A fourth channel shares the weights of the first, and so on.

    Shape:
        weight: (out_channels, c, kH, kW).  Result: (out_channels, in_channels, kH, kW).
    """
    channels = weight.shape[1]
    groups = min(channels, in_channels)
    folded = torch.stack([weight[:, group::groups].sum(dim=1) for group in range(groups)], dim=1)
    group_of = torch.arange(in_channels) % groups
    sharing = torch.bincount(group_of, minlength=groups)
    return folded[:, group_of] / sharing[group_of].view(1, -1, 1, 1)
