"""Several looks at the same pixels, averaged: mirrored copies, several networks, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from monai.inferers import Inferer
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.switch import as_switch

Predict = Callable[..., Tensor]


class AveragedInferer(Inferer):
    """Lets ``inferer`` do its work with the average of several predictions in place of one network's.

    The average is taken inside: of each window where windows slide. Probabilities are averaged, then turned back into
    logits, so that what follows stays as it is. Without mirroring and members the result is that of ``inferer``, bit
    for bit.

    Args:
        inferer: MONAI's, such as `SlidingWindowInferer`.
        flips: axes of the mirrored copies, such as [[-1], [-2], [-1, -2]] of (H, W); the image as it is comes besides.
        mirror: whether to use them.
        members: networks that vote beside the one that the inferer is called with.

    Shape:
        network: (B, C, h, w) -> logits (B, classes, h, w): one sigmoid channel, or several of a softmax.

    Raises:
        InputError: an axis is neither height nor width.
    """

    def __init__(
        self,
        inferer: Inferer,
        flips: Sequence[Sequence[int]] = (),
        mirror: bool | str = False,
        members: Sequence[torch.nn.Module] = (),
    ) -> None:
        super().__init__()
        for axes in flips:
            if not axes or not set(axes) <= {-1, -2}:
                raise InputError("flips", f"{list(axes)} names no axes of the image", "give -1 (width) and -2 (height)")
        self.inferer, self.members = inferer, list(members)
        self.flips = [tuple(axes) for axes in flips] if as_switch("tta", mirror) else []

    def __call__(self, inputs: Tensor, network: Predict, *args: Any, **kwargs: Any) -> Any:
        if not self.flips and not self.members:
            return self.inferer(inputs, network, *args, **kwargs)
        networks: list[Predict] = [network, *(member.eval() for member in self.members)]
        return self.inferer(inputs, lambda window, *more, **options: _to_logits(
            _mean(self._probabilities(window, networks, *more, **options))), *args, **kwargs)

    def _probabilities(
        self, window: Tensor, networks: Sequence[Predict], *args: Any, **kwargs: Any
    ) -> Iterator[Tensor]:
        for network in networks:
            yield _to_probabilities(network(window, *args, **kwargs))
            for axes in self.flips:
                yield _to_probabilities(network(window.flip(axes), *args, **kwargs)).flip(axes)


def _mean(looks: Iterator[Tensor]) -> Tensor:
    total, count = next(looks).clone(), 1
    for look in looks:
        total += look
        count += 1
    return total / count


def _to_probabilities(logits: Tensor) -> Tensor:
    logits = logits.double()  # the way back from a probability near 1 needs the digits
    return logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(dim=1)


def _to_logits(probabilities: Tensor) -> Tensor:
    return (probabilities.logit(eps=1e-12) if probabilities.shape[1] == 1 else probabilities.clamp(1e-12).log()).float()
