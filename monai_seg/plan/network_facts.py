"""What a network is and costs: weights, operations, how far it sees."""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from monai_seg.networks import SegmentationNetwork

NORMS = (nn.modules.batchnorm._NormBase, nn.GroupNorm, nn.LayerNorm)
LARGEST_FIELD = 1024


class NetworkFacts(NamedTuple):
    """Facts of a network.

    Args:
        parameters: number of weights.
        gflops: 1e9 multiplications and additions of one image forward.
        field_px: side of the square of pixels that a logit depends on; None where it is more than `LARGEST_FIELD`.
    """

    parameters: int
    gflops: float
    field_px: int | None


def network_facts(network: SegmentationNetwork, in_channels: int, size: tuple[int, int]) -> NetworkFacts:
    """Return the facts for an image of ``size`` (H, W)."""
    network.eval()
    image = torch.zeros(1, in_channels, *size, device=network.device)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(image)
    parameters = sum(parameter.numel() for parameter in network.network.parameters())
    return NetworkFacts(parameters, counter.get_total_flops() / 1e9, receptive_field_px(network.network, in_channels))


def receptive_field_px(network: nn.Module, in_channels: int) -> int | None:
    """Return the side of the square of pixels that the middle logit depends on by convolutions and pooling.

    Found by a gradient with all weights positive, so that nothing cancels out. Norms over the image, by which every
    pixel acts on every logit a little, are taken away.
    """
    plain = _without_norms(copy.deepcopy(network).cpu().eval().double())
    with torch.no_grad():
        for parameter in plain.parameters():
            parameter.fill_(1.0 / max(1, parameter[0].numel()) if parameter.ndim > 1 else 0.5)
    side = 128
    while side <= LARGEST_FIELD:
        image = torch.ones(1, in_channels, side, side, dtype=torch.float64, requires_grad=True)
        output = plain(image)
        logits = output[0] if isinstance(output, list | tuple) else output
        (gradient,) = torch.autograd.grad(logits[..., side // 2, side // 2].sum(), image)
        seen = (gradient[0].abs().sum(dim=0) > 0).nonzero()
        low, high = seen.min(dim=0).values, seen.max(dim=0).values
        if int(low.min()) > 0 and int(high.max()) < side - 1:
            return int((high - low).max()) + 1
        side *= 2
    return None


def _without_norms(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        if isinstance(child, NORMS):
            setattr(module, name, nn.Identity())
        else:
            _without_norms(child)
    return module
