"""A trainer with all that a checkpoint carries, put together in Python, for faults that need no command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Events
from ignite.metrics import Metric
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import LrScheduleHandler, ValidationHandler, stopping_fn_from_metric
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from monai_seg.handlers import Checkpoints, EarlyStop, FiniteValues, RepeatableRandomness

CPU = torch.device("cpu")
SCORES = (0.5, 0.7, 0.6, 0.8, 0.4)  # of the epochs


class Score(Metric):
    """The scripted score of the epoch."""

    def __init__(self, owner: TinyTrainer) -> None:
        self.owner = owner
        super().__init__(output_transform=lambda output: output["label"])

    def reset(self) -> None: ...

    def update(self, output: Any) -> None: ...

    def compute(self) -> float:
        return SCORES[self.owner.trainer.state.epoch - 1]


class Made:
    """Stands for `monai_seg.run.Identity`."""

    def __init__(self, seed: int) -> None:
        self.seed, self.seen = seed, dict[str, Any]()

    def record(self) -> dict[str, Any]:
        versions = {"torch": str(torch.__version__)}
        return {"seed": self.seed, "config_sha256": "c", "list_sha256": "d", "versions": versions}

    def differences(self, saved: Mapping[str, Any]) -> list[str]:
        self.seen = dict(saved)
        return []


class TinyTrainer:
    """Epochs of 3 batches of random pictures, a schedule, averaged weights, validation and early stopping."""

    def __init__(self, folder: Path, epochs: int = 3, resume: bool = False, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.network = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.BatchNorm2d(4),
                                           torch.nn.Dropout(0.2), torch.nn.Conv2d(4, 1, 1))
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=0.01)
        self.schedule = torch.optim.lr_scheduler.MultiStepLR(self.optimizer, [1, 2], gamma=0.5)
        self.averaged = AveragedModel(self.network, multi_avg_fn=get_ema_multi_avg_fn(0.9))
        made = torch.Generator().manual_seed(1)
        batches = [{"image": torch.rand(2, 1, 8, 8, generator=made), "label": torch.rand(2, 1, 8, 8, generator=made)}
                   for _ in range(3)]
        self.evaluator = SupervisedEvaluator(CPU, batches[:1], self.network, decollate=False,
                                             key_val_metric={"val_dice": Score(self)})
        self.early_stop = EarlyStop(5, stopping_fn_from_metric("val_dice"), self.evaluator)
        self.identity = Made(7)
        finite = FiniteValues(self.network, self.evaluator)
        self.checkpoints = Checkpoints(
            folder, self.network, {"optimizer": self.optimizer, "lr_scheduler": self.schedule,
                                   "averaged": self.averaged, "early_stop": self.early_stop},
            self.evaluator, resume, identity=self.identity, finite=finite,
        )  # fmt: skip
        self.trainer = SupervisedTrainer(
            CPU, epochs, batches, self.network, self.optimizer, torch.nn.MSELoss(), decollate=False,
            train_handlers=[
                RepeatableRandomness(7), ValidationHandler(1, self.evaluator), finite, self.early_stop,
                LrScheduleHandler(self.schedule, print_lr=False), self.checkpoints,
            ],
        )  # fmt: skip
        self.trainer.add_event_handler(Events.ITERATION_COMPLETED,
                                       lambda: self.averaged.update_parameters(self.network))

    def stop_after(self, iteration: int) -> TinyTrainer:
        self.trainer.add_event_handler(Events.ITERATION_COMPLETED(once=iteration), self.trainer.terminate)
        return self

    def run(self) -> TinyTrainer:
        self.trainer.run()
        return self

    def state(self) -> dict[str, Any]:
        """What a checkpoint has to carry, by name."""
        best: Any = self.evaluator.state
        record = self.identity.seen or self.identity.record()
        return {
            "network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(), "averaged weights": self.averaged.state_dict(),
            "epoch": self.trainer.state.epoch, "iteration": self.trainer.state.iteration,
            "best score": float(best.best_metric), "best epoch": best.best_metric_epoch,
            "early-stop counter": (self.early_stop.counter, self.early_stop.best_score),
            "saver's list": list(self.checkpoints.saved), "seed": record["seed"],
            "hashes of config and data, versions": {key: record[key]
                                                    for key in ("config_sha256", "list_sha256", "versions")},
        }  # fmt: skip
