"""What an optimizer is given: the trained parameters, those of the encoder at a rate of their own."""

from __future__ import annotations

from typing import Any

from torch import nn

from monai_seg.errors import InputError
from monai_seg.networks.encoder_weights import encoder_of


def parameter_groups(network: nn.Module, lr: float, encoder_lr: float | None = None) -> list[dict[str, Any]]:
    """Return the groups of parameters of ``network`` that are trained; frozen ones are in none of them.

    Schedules multiply each group's own rate. The encoder's group is the last: what logs one rate, logs ``lr``.

    Args:
        network: a network, or a `monai_seg.networks.SegmentationNetwork` around it.
        lr: learning rate of all but the encoder.
        encoder_lr: that of the encoder, or None for one group with ``lr``.

    Raises:
        InputError: nothing is left to train; ``encoder_lr`` for a network without encoder, or a frozen one.
    """
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if not trained:
        raise InputError("freeze_encoder", "leaves nothing to train", "freeze fewer stages")
    if encoder_lr is None:
        return [{"params": trained, "lr": lr}]
    encoder = {id(parameter) for parameter in encoder_of(network, "encoder_learning_rate").parameters()}
    slow = [parameter for parameter in trained if id(parameter) in encoder]
    if not slow:
        raise InputError("encoder_learning_rate", f"is {encoder_lr}, but the whole encoder is frozen",
                         "leave one of the two out")
    rest = [parameter for parameter in trained if id(parameter) not in encoder]
    return [{"params": rest, "lr": lr}, {"params": slow, "lr": encoder_lr}]
