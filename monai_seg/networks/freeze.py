"""Which part of an encoder stays as it was pretrained: all of it, or its first stages."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monai.networks.nets.efficientnet import EfficientNet
from torch import nn

from monai_seg.errors import InputError
from monai_seg.networks.encoder_weights import encoder_of, load_encoder_weights
from monai_seg.switch import as_switch

STAGES = 5
logger = logging.getLogger(__name__)


def prepare_encoder(network: nn.Module, weights: str | Path | None = None, freeze: bool | int | str = False) -> None:
    """Load pretrained weights into the encoder of ``network`` and freeze it, as far as each is asked for.

    Args:
        network: see `monai_seg.networks.encoder_weights.load_encoder_weights`.
        weights: see there.
        freeze: see `freeze_encoder`.

    Raises:
        InputError: what the two raise.
    """
    load_encoder_weights(network, weights)
    freeze_encoder(network, freeze)


def freeze_encoder(network: nn.Module, freeze: bool | int | str = True) -> None:
    """Take the encoder of ``network`` out of training, or its first stages.

    `monai_seg.networks.SegmentationNetwork` keeps what is frozen in eval mode, so that norms do not drift either.

    Args:
        network: has its encoder under the name ``encoder``.
        freeze: true for all of it; 1 to 5 for so many stages from the image on, see `encoder_stages`; false for none.

    Raises:
        InputError: ``freeze`` is neither; the network has no encoder; or one of which the stages are not known.
    """
    is_number = isinstance(freeze, int) and not isinstance(freeze, bool) and 0 <= freeze <= STAGES
    others = [f"a number of stages from 1 to {STAGES}"]
    wanted: Any = freeze if is_number else as_switch("freeze_encoder", freeze, others)
    if not wanted:
        return
    encoder = encoder_of(network, "freeze_encoder")
    frozen = [encoder] if wanted is True else [part for stage in encoder_stages(encoder)[:wanted] for part in stage]
    for part in frozen:
        part.requires_grad_(False)
        part.eval()
    counts = [(parameter.numel(), parameter.requires_grad) for parameter in network.parameters()]
    trained = sum(count for count, is_trained in counts if is_trained)
    what = "the whole encoder" if wanted is True else f"{wanted} of the encoder's {STAGES} stages"
    logger.info(f"frozen: {what}; {trained:,} of {sum(count for count, _ in counts):,} parameters are trained")


def encoder_stages(encoder: Any) -> list[list[nn.Module]]:
    """Return the parts of each of the five stages, whose features have stride 2, 4, 8, 16 and 32 of the image.

    A ResNet's are its stem and its four layers.

    Raises:
        InputError: neither a ResNet nor an EfficientNet.
    """
    if all(hasattr(encoder, f"layer{number}") for number in range(1, 5)):
        return [[encoder.conv1, encoder.bn1], *([getattr(encoder, f"layer{number}")] for number in range(1, 5))]
    if isinstance(encoder, EfficientNet):
        ends = encoder.extract_stacks
        blocks: Any = encoder._blocks
        stacks = [list(blocks[start:end]) for start, end in zip([0, *ends], ends, strict=False)]
        return [[encoder._conv_stem, encoder._bn0, *stacks[0]], *stacks[1:]]
    raise InputError("freeze_encoder", f"the stages of {type(encoder).__name__} are not known",
                     "give true to freeze it as a whole, or false")


def frozen_parts(network: nn.Module) -> Sequence[nn.Module]:
    """Return the largest parts of ``network`` that have parameters, none of which is trained."""
    trained = [parameter.requires_grad for parameter in network.parameters()]
    if all(trained):  # of none, too: asked before each step, the whole tree takes milliseconds
        return []
    if not any(trained):
        return [network]
    return [part for child in network.children() for part in frozen_parts(child)]
