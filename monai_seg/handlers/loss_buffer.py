"""Training losses that wait on their device until many are fetched together."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import torch
from ignite.engine import Engine
from torch import Tensor

Step = TypeVar("Step")

FETCH_EVERY = 50  # batches; reading one loss makes the host wait for the GPU, so it is done seldom


class LossBuffer(Generic[Step]):
    """Keep the losses of batches as tensors and turn them into numbers with one read of the device.

    The trainer's output is that of `monai.engines.SupervisedTrainer`: a dictionary with the scalar ``loss``.
    """

    def __init__(self) -> None:
        self._steps: list[Step] = []
        self._losses: list[Tensor] = []

    def append(self, step: Step, trainer: Engine) -> None:
        """Remember under ``step`` the loss of the batch that ``trainer`` has just seen."""
        output: Any = trainer.state.output
        self._steps.append(step)
        self._losses.append(torch.as_tensor(output["loss"]).detach().float())

    def is_full(self) -> bool:
        """Return whether it is time to `drain`."""
        return len(self._steps) >= FETCH_EVERY

    def drain(self) -> list[tuple[Step, float]]:
        """Return all steps with their losses, oldest first, and forget them."""
        losses = torch.stack(self._losses).tolist() if self._losses else []
        steps, self._steps, self._losses = self._steps, [], []
        return list(zip(steps, losses, strict=True))
