"""Numbers that are none, planted where a training makes its own; each is called in the training's process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def _at_call(owner: Any, name: str, number: int, spoil: Callable[[Any], Any]) -> None:
    """From the ``number``-th call on, let ``owner.name`` return what ``spoil`` makes of its result."""
    plain, calls = getattr(owner, name), [0]

    def call(*arguments: Any, **options: Any) -> Any:
        result = plain(*arguments, **options)
        calls[0] += 1
        return spoil(result) if calls[0] >= number else result

    setattr(owner, name, call)


def plant_in_image() -> None:
    from monai_seg.transforms import PrepareBatch

    _at_call(PrepareBatch, "__call__", 5, lambda batch: (batch[0].index_fill(0, torch.tensor([0]), torch.nan),
                                                         *batch[1:]))


def plant_in_loss() -> None:
    from monai.losses import DeepSupervisionLoss

    _at_call(DeepSupervisionLoss, "forward", 5, lambda loss: loss * torch.nan)


def plant_in_weight() -> None:
    step, calls = torch.optim.AdamW.step, [0]

    def spoilt(optimizer: torch.optim.AdamW, *arguments: Any, **options: Any) -> Any:
        result = step(optimizer, *arguments, **options)
        calls[0] += 1
        if calls[0] == 5:
            with torch.no_grad():
                optimizer.param_groups[0]["params"][0].view(-1)[0] = torch.nan
        return result

    torch.optim.AdamW.step = spoilt  # type: ignore[method-assign]


def plant_in_score() -> None:
    from monai.metrics import DiceMetric

    _at_call(DiceMetric, "aggregate", 1, lambda score: score * torch.nan)


NAN_PLANTS = {"image": plant_in_image, "loss": plant_in_loss, "weight": plant_in_weight, "score": plant_in_score}
