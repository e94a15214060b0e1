"""Masks drawn from bands of logits, as `transforms/post.json` draws them from a whole image's probabilities.

A band is finished, decided and forgotten, so that no image-sized array of numbers is ever held. What needs the whole
image, whether it shows a class at all, is counted on the way and applied at the end.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

NONE = 255  # in a ranking: no class has any probability from here on


class Drawing(Protocol):
    """One image's mask in the making."""

    def add(self, top: int, logits: Tensor) -> None:
        """Take the finished rows from ``top`` on, (C, h, W)."""

    def finish(self) -> Tensor:
        """Return the (1, H, W) uint8 class ids."""


class DrawBinary:
    """One sigmoid channel: post.json's ``decide`` and ``draw``.

    Args:
        threshold: a pixel of at least this probability is foreground,
        decide_threshold: if at least ``min_area_px`` pixels have at least this one; otherwise the mask is empty.
        min_area_px: number of pixels.
    """

    def __init__(self, threshold: float, decide_threshold: float, min_area_px: float) -> None:
        self.threshold, self.decide_threshold, self.min_area_px = threshold, decide_threshold, min_area_px

    def begin(self, height: int, width: int) -> Drawing:
        return _Binary(self, height, width)


class DrawClasses:
    """Several channels of a softmax: post.json's ``decide_classes`` and ``draw_classes``.

    Args:
        decide_threshold: a class is drawn where it is the most probable of those that at least ``min_area_px`` pixels
            show with at least this probability.
        min_area_px: number of pixels.
    """

    def __init__(self, decide_threshold: float, min_area_px: float) -> None:
        self.decide_threshold, self.min_area_px = decide_threshold, min_area_px

    def begin(self, height: int, width: int) -> Drawing:
        return _Classes(self, height, width)


class _Binary:
    def __init__(self, rule: DrawBinary, height: int, width: int) -> None:
        self.rule, self.sure_px = rule, 0
        self.mask = torch.zeros(1, height, width, dtype=torch.uint8)

    def add(self, top: int, logits: Tensor) -> None:
        probabilities = logits.sigmoid()
        self.sure_px += int((probabilities >= self.rule.decide_threshold).sum())
        self.mask[:, top : top + logits.shape[1]] = probabilities >= self.rule.threshold

    def finish(self) -> Tensor:
        return self.mask if _reaches(self.sure_px, self.rule.min_area_px) else self.mask.zero_()


class _Classes:
    """Where a pixel's best class is not known to be shown yet, its whole ranking waits for the end."""

    def __init__(self, rule: DrawClasses, height: int, width: int) -> None:
        self.rule, self.sure_px = rule, torch.zeros(0)
        self.mask = torch.zeros(1, height, width, dtype=torch.uint8)
        self.waiting: list[tuple[Tensor, Tensor]] = []  # places in the mask, (N, C) rankings

    def add(self, top: int, logits: Tensor) -> None:
        probabilities = logits.softmax(dim=0)
        found = (probabilities >= self.rule.decide_threshold).flatten(1).sum(dim=1).cpu()
        self.sure_px = found if len(self.sure_px) == 0 else self.sure_px + found
        best = probabilities.argmax(dim=0).cpu()
        self.mask[0, top : top + len(best)] = best
        places = (~self._shown()[best]).flatten().nonzero()[:, 0]
        if len(places):
            their = probabilities.flatten(1)[:, places.to(logits.device)].T
            ranked, order = their.sort(dim=1, descending=True, stable=True)
            order = torch.where(ranked > 0, order, NONE)
            self.waiting.append((places + top * best.shape[1], order.to("cpu", torch.uint8)))

    def finish(self) -> Tensor:
        shown = torch.zeros(NONE + 1, dtype=torch.bool)
        shown[: len(self.sure_px)] = self._shown()
        for places, order in self.waiting:
            allowed = shown[order.long()]
            first = order.gather(1, allowed.byte().argmax(dim=1, keepdim=True))[:, 0]
            self.mask.view(-1)[places] = torch.where(allowed.any(dim=1), first, 0)
        return self.mask

    def _shown(self) -> Tensor:
        return torch.stack([_reaches(int(count), self.rule.min_area_px) for count in self.sure_px])


def _reaches(count: int, area: float) -> Tensor:
    return torch.tensor(float(count)) >= area  # in float32, as MONAI's AsDiscrete compares
