"""Scalars of training and validation for TensorBoard."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ignite.engine import Engine, Events
from torch.optim import Optimizer

from monai_seg.handlers.loss_buffer import LossBuffer
from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.summary_writer import LazySummaryWriter
from monai_seg.handlers.validation_scores import is_part_of_epoch, scalar_metrics

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class TensorBoardScalars:
    """Write the scalars of a run; the steps are the trainer's own counters, so a resumed run goes on where it was.

    - ``train/loss`` and ``train/learning_rate`` over batches;
    - ``train/images_per_second`` and ``train/data_wait_share`` over epochs, where `Throughput` is attached;
    - ``val/<name>`` over epochs for each scalar metric of the evaluator.

    `monai.handlers.TensorBoardStatsHandler` would do for the validation but for the prefix. For the batches it reads
    the loss from the device and flushes the file each time, and it has no learning rate.

    Args:
        summary_writer: a writer to share with other handlers, or None.
        log_dir: folder of the event files where no writer is given.
        evaluator: engine that validates during training.
        optimizer: where the learning rate is read, from its first parameter group.

    Raises:
        ValueError: neither a writer nor a folder is given.
    """

    def __init__(
        self,
        summary_writer: SummaryWriter | None = None,
        log_dir: str | Path | None = None,
        evaluator: Engine | None = None,
        optimizer: Optimizer | None = None,
    ) -> None:
        self._summary = LazySummaryWriter(summary_writer, log_dir)
        self.evaluator, self.optimizer = evaluator, optimizer
        self._buffer: LossBuffer[tuple[int, float]] = LossBuffer()  # iteration, seconds since 1970

    def attach(self, engine: Engine) -> None:
        """Register with the trainer; does nothing in other processes than the first."""
        if not is_main_process():
            return
        if self.optimizer is not None:
            engine.add_event_handler(Events.ITERATION_STARTED, self._write_learning_rate, self.optimizer)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._remember_loss)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._write_epoch)
        engine.add_event_handler(Events.TERMINATE, self._flush)  # COMPLETED may be skipped then
        engine.add_event_handler(Events.COMPLETED, self._flush)
        if self.evaluator is not None:
            self.evaluator.add_event_handler(Events.COMPLETED, self._write_validation, engine)

    def _write_learning_rate(self, engine: Engine, optimizer: Optimizer) -> None:
        rate = float(optimizer.param_groups[0]["lr"])  # at the batch's start, before a scheduler moves on
        self._summary.writer.add_scalar("train/learning_rate", rate, engine.state.iteration)

    def _remember_loss(self, engine: Engine) -> None:
        self._buffer.append((engine.state.iteration, time.time()), engine)
        if self._buffer.is_full():
            self._write_losses()

    def _write_losses(self) -> None:
        for (iteration, walltime), loss in self._buffer.drain():
            self._summary.writer.add_scalar("train/loss", loss, iteration, walltime)

    def _write_epoch(self, engine: Engine) -> None:
        for tag, attribute in (("images_per_second", "throughput"), ("data_wait_share", "data_wait_share")):
            value = getattr(engine.state, attribute, None)
            if value is not None:
                self._summary.writer.add_scalar(f"train/{tag}", value, engine.state.epoch)
        self._flush(engine)

    def _write_validation(self, evaluator: Engine, trainer: Engine) -> None:
        if is_part_of_epoch(trainer):
            for name, value in scalar_metrics(evaluator).items():
                self._summary.writer.add_scalar(f"val/{name}", value, trainer.state.epoch)
            self._summary.writer.flush()

    def _flush(self, engine: Engine) -> None:
        self._write_losses()
        self._summary.writer.flush()
