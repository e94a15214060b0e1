"""What a run is, for TensorBoard: its config, its memory, and its hyper-parameters beside what came of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import torch
from ignite.engine import Engine, Events

from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.summary_writer import LazySummaryWriter
from monai_seg.handlers.validation_scores import scalar_metrics

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

MEGABYTE = 1e6
RUN_IDS = ("initialize", "training", "evaluation", "inference", "finalize", "run", "bundle_root", "is_not_rank0")
BUILT = ("network_def", "loss", "optimizer", "lr_scheduler", "early_stop", "inferer")  # told by their class


class TensorBoardRun:
    """Write, beside the scalars of `TensorBoardScalars`:

    - ``config``: the resolved config as text, when training starts;
    - ``memory/resident_mb``: what this process and its data workers hold at the end of each epoch, pages that they
      share counted once for each;
    - ``memory/cuda_mb``: the most that tensors took on the GPU within the epoch, where there is one;
    - the hyper-parameters (all settings of the config that are a number, a text or a switch) with the best and the last
      validation scores, ``hparam/best_score`` and so on, when training ends: the HPARAMS page compares runs by them.

    Args:
        config: the resolved config.
        evaluator: the validation engine.
        summary_writer: a writer to share with other handlers, or None.
        log_dir: folder of the event files where no writer is given.

    Raises:
        ValueError: neither a writer nor a folder is given.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        evaluator: Engine,
        summary_writer: SummaryWriter | None = None,
        log_dir: str | Path | None = None,
    ) -> None:
        self._summary = LazySummaryWriter(summary_writer, log_dir)
        self.config, self.evaluator = dict(config), evaluator

    def attach(self, engine: Engine) -> None:
        """Register with the trainer; does nothing in other processes than the first."""
        if is_main_process():
            engine.add_event_handler(Events.STARTED, self._write_config)
            engine.add_event_handler(Events.EPOCH_STARTED, self._forget_peak)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self._write_memory)
            engine.add_event_handler(Events.COMPLETED, self._write_hyper_parameters)

    def _write_config(self, engine: Engine) -> None:
        text = json.dumps(self.config, indent=2, default=str)
        indented = "\n".join(f"    {line}" for line in text.splitlines())  # Markdown's way to leave text as it is
        self._summary.writer.add_text("config", indented, engine.state.epoch)
        self._summary.writer.flush()

    def _forget_peak(self, engine: Engine) -> None:
        if torch.cuda.is_initialized():
            torch.cuda.reset_peak_memory_stats()

    def _write_memory(self, engine: Engine) -> None:
        self._summary.writer.add_scalar("memory/resident_mb", resident_mb(), engine.state.epoch)
        if torch.cuda.is_initialized():
            peak = torch.cuda.max_memory_allocated() / MEGABYTE
            self._summary.writer.add_scalar("memory/cuda_mb", peak, engine.state.epoch)

    def _write_hyper_parameters(self, engine: Engine) -> None:
        from torch.utils.tensorboard.summary import hparams

        best: Any = self.evaluator.state
        scores = {f"hparam/last_{name}": value for name, value in scalar_metrics(self.evaluator).items()}
        if getattr(best, "best_metric_epoch", -1) > 0:
            scores |= {"hparam/best_score": float(best.best_metric), "hparam/best_epoch": best.best_metric_epoch}
        writer = self._summary.writer
        events: Any = writer.file_writer
        for part in hparams(hyper_parameters(self.config), scores):
            events.add_summary(part)  # add_hparams would make a run of its own for each call
        for name, value in scores.items():
            writer.add_scalar(name, value, engine.state.epoch)
        writer.flush()


def hyper_parameters(config: Mapping[str, Any]) -> dict[str, bool | int | float | str]:
    """Return the settings of a config that stand there as they are, and the classes of the parts in `BUILT`."""
    found: dict[str, bool | int | float | str] = {}
    for id, value in config.items():
        if id in BUILT and isinstance(value, dict):
            value = str(value.get("_target_", ""))
        elif isinstance(value, list) and all(isinstance(part, bool | int | float | str) for part in value):
            value = ", ".join(map(str, value))
        is_plain = isinstance(value, bool | int | float) or (isinstance(value, str) and bool(value))
        if is_plain and id not in RUN_IDS and not id.startswith("_") and str(value)[0] not in "$@%":
            found[id] = value if not str(value).startswith("monai_seg.run.") else "as trained"
    return found


def resident_mb() -> float:
    """Return the resident memory of this process and of those that it has started, in 10^6 bytes."""
    process, total = psutil.Process(), 0
    for one in [process, *process.children(recursive=True)]:
        try:
            total += one.memory_info().rss
        except psutil.Error:  # it has ended in between
            continue
    return total / MEGABYTE
