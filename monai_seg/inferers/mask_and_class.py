"""Sliding windows for a network that gives a mask and a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from monai.data import MetaTensor
from monai.inferers import Inferer
from torch import Tensor

from monai_seg.errors import InputError


class MaskAndClassInferer(Inferer):
    """Lets ``inferer`` join the masks, and takes for the image's class the mean of what its windows say.

    MONAI's sliding windows refuse class logits, as they have no place in the image. The mean is one of probabilities,
    turned back into logits. An image that fits the window has one window, and so the very logits of the network. For a
    larger one the mean is chosen rather than one more look at the whole image, shrunk to the window: training on pixels
    as they are shows the class branch such windows, under their image's class, and never a shrunk image; and each
    window is looked at once for both.

    Args:
        inferer: MONAI's `SlidingWindowInferer` or `SimpleInferer`. `AveragedInferer` goes around this one.

    Shape:
        network: (B, C, h, w) -> mask logits (B, classes, h, w) and class logits (B, K).
        Result: mask logits (B, classes, H, W) and class logits (B, K).

    Raises:
        InputError: the network gives no class logits.
    """

    def __init__(self, inferer: Inferer) -> None:
        super().__init__()
        self.inferer = inferer

    def __call__(self, inputs: Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        said: list[Tensor] = []

        def mask_alone(window: Tensor, *more: Any, **options: Any) -> Any:
            outputs = network(window, *more, **options)
            if not isinstance(outputs, tuple):
                raise InputError("network_def", "the network gives no class logits",
                                 "choose one with a class branch, such as %bundles/networks/multitask_unet.json")
            said.append(outputs[1])
            return outputs[0]

        masks = self.inferer(inputs, mask_alone, *args, **kwargs)
        return masks, _of_images(torch.cat(said), len(inputs))


def _of_images(logits: Tensor, images: int) -> Tensor:
    """Return the (B, K) logits of all windows' (B * windows, K), which come image by image."""
    logits = logits.as_tensor() if isinstance(logits, MetaTensor) else logits
    if len(logits) == images:
        return logits
    mean = logits.double().softmax(dim=1).unflatten(0, (images, -1)).mean(dim=1)
    return mean.clamp(1e-12).log().float()
