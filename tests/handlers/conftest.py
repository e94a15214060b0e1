"""Tiny MONAI engines whose losses and scores are written down beforehand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from ignite.engine import Events
from ignite.metrics import Metric
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import ValidationHandler

BATCHES_PER_EPOCH = 2
BATCH_SIZE = 4


class ScriptedMetric(Metric):
    """Gives the next score of a script each time it is computed."""

    def __init__(self, scores: Sequence[float]) -> None:
        self.left = list(scores)
        super().__init__(output_transform=lambda output: output["label"])

    def reset(self) -> None: ...

    def update(self, output: Any) -> None: ...

    def compute(self) -> float:
        return self.left.pop(0)


@dataclass
class TinyRun:
    """Trainer of 2 batches per epoch with the losses 1, 2, 3, ..., evaluator with scripted scores."""

    trainer: SupervisedTrainer
    evaluator: SupervisedEvaluator
    optimizer: torch.optim.SGD
    validation: ValidationHandler

    def resume_after(self, epoch: int) -> None:
        """Restore the trainer's counters when it starts, after all handlers attached so far."""

        def restore(trainer: SupervisedTrainer) -> None:
            trainer.state.epoch, trainer.state.iteration = epoch, epoch * BATCHES_PER_EPOCH

        self.trainer.add_event_handler(Events.STARTED, restore)

    def halve_rate_after_each_epoch(self) -> None:
        schedule = torch.optim.lr_scheduler.ExponentialLR(self.optimizer, gamma=0.5)
        self.trainer.add_event_handler(Events.EPOCH_COMPLETED, lambda: schedule.step())


@pytest.fixture
def tiny_run() -> Callable[..., TinyRun]:
    def make(epochs: int, scores: Sequence[float] = (), interval: int = 1) -> TinyRun:
        network = torch.nn.Conv2d(1, 1, 1)
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
        batch = {"image": torch.zeros(BATCH_SIZE, 1, 2, 2), "label": torch.zeros(BATCH_SIZE, 1, 2, 2)}

        def train_step(engine: SupervisedTrainer, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
            optimizer.step()  # schedulers ask for it
            return {**batch, "loss": torch.tensor(float(engine.state.iteration), requires_grad=True)}

        def validation_step(engine: SupervisedEvaluator, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
            return batch

        evaluator = SupervisedEvaluator(
            torch.device("cpu"), [batch], network, iteration_update=validation_step, decollate=False,
            key_val_metric={"val_dice": ScriptedMetric(scores)} if scores else None,
        )  # fmt: skip
        trainer = SupervisedTrainer(
            "cpu", epochs, [batch] * BATCHES_PER_EPOCH, network, optimizer, torch.nn.MSELoss(),
            iteration_update=train_step, decollate=False,
        )  # fmt: skip
        return TinyRun(trainer, evaluator, optimizer, ValidationHandler(interval, evaluator))

    return make
