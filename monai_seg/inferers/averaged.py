"""Several looks at the same pixels, averaged: mirrored copies, several networks, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from monai.inferers import Inferer
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.switch import as_switch

Predict = Callable[..., Any]
Look = tuple[Tensor, ...]  # of masks (B, C, h, w), and of classes (B, K) where there is a class branch


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
        network: (B, C, h, w) -> logits (B, classes, h, w): one sigmoid channel, or several of a softmax; or a pair of
        these and the logits (B, K) of a class branch, which are averaged likewise.

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

        def averaged(window: Tensor, *more: Any, **options: Any) -> Any:
            logits = tuple(map(_to_logits, _mean(self._probabilities(window, networks, *more, **options))))
            return logits if len(logits) > 1 else logits[0]

        return self.inferer(inputs, averaged, *args, **kwargs)

    def _probabilities(
        self, window: Tensor, networks: Sequence[Predict], *args: Any, **kwargs: Any
    ) -> Iterator[Look]:
        for network in networks:
            yield _look(network(window, *args, **kwargs))
            for axes in self.flips:
                masks, *classes = _look(network(window.flip(axes), *args, **kwargs))
                yield masks.flip(axes), *classes


def _look(outputs: Any) -> Look:
    return tuple(map(_to_probabilities, outputs if isinstance(outputs, tuple) else (outputs,)))


def _mean(looks: Iterator[Look]) -> Look:
    total, count = next(looks), 1
    for look in looks:
        total = tuple(sum_ + part for sum_, part in zip(total, look, strict=True))
        count += 1
    return tuple(part / count for part in total)


def _to_probabilities(logits: Tensor) -> Tensor:
    logits = logits.double()  # the way back from a probability near 1 needs the digits
    return logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(dim=1)


def _to_logits(probabilities: Tensor) -> Tensor:
    return (probabilities.logit(eps=1e-12) if probabilities.shape[1] == 1 else probabilities.clamp(1e-12).log()).float()
