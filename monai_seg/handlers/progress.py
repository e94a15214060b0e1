"""What a person who waits for a training wants to see: a bar on a terminal, few lines in a log."""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import torch
from ignite.engine import Engine, Events
from ignite.handlers import ProgressBar
from torch import Tensor
from torch.optim import Optimizer

from monai_seg.handlers.epoch_line import epoch_line, in_words, short_speed
from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.validation_scores import is_part_of_epoch, scalar_metrics

logger = logging.getLogger(__name__)

BAR_FETCH_S = 0.5  # between two looks at the loss: each makes the host wait for the GPU


class Progress:
    """Tell how training goes: one line per epoch, after its validation, and signs of life within an epoch.

    On a terminal a bar shows the batches of the epoch, another those of the validation, and the line of each epoch
    stays. Elsewhere the same line is logged, and in long epochs one with the time that training still takes, if no
    early stop shortens it. Speed is shown where `Throughput` is attached before. The best score is the evaluator's own,
    so it is right after a resume that restores that.

    Args:
        evaluator: engine that validates during training.
        optimizer: where the learning rate is read, from its first parameter group.
        metrics: validation metrics in the line; by default all, the key metric first.
        log_every_s: seconds between two lines within an epoch where there is no terminal.
    """

    def __init__(
        self,
        evaluator: Engine | None = None,
        optimizer: Optimizer | None = None,
        metrics: Sequence[str] | None = None,
        log_every_s: float = 30.0,
    ) -> None:
        self.evaluator, self.optimizer, self.metrics, self.log_every_s = evaluator, optimizer, metrics, log_every_s
        self._bar: ProgressBar | None = None
        self._losses: Tensor | float = 0.0  # sum over the epoch so far; stays on its device
        self._batches = 0
        self._shown_loss, self._shown_s = math.nan, -math.inf
        self._learning_rate: float | None = None
        self._scores: dict[str, float] = {}
        self._open_epoch: int | None = None  # completed, but its line is not out yet
        self._start_s = self._next_log_s = 0.0
        self._start_iteration: int | None = None

    def attach(self, engine: Engine) -> None:
        """Register with the trainer; does nothing in other processes than the first."""
        if not is_main_process():
            return
        engine.add_event_handler(Events.STARTED, self._start_run)
        engine.add_event_handler(Events.EPOCH_STARTED, self._start_epoch)
        engine.add_event_handler(Events.ITERATION_STARTED, self._note_learning_rate)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._add_batch)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._complete_epoch)
        engine.add_event_handler(Events.TERMINATE, self._tell_epoch)  # COMPLETED may be skipped then
        engine.add_event_handler(Events.COMPLETED, self._tell_epoch)
        if self.evaluator is not None:
            self.evaluator.add_event_handler(Events.COMPLETED, self._note_scores, engine)
        if sys.stderr.isatty():
            self._bar = ProgressBar(file=sys.stderr)
            self._bar.attach(engine, output_transform=lambda output: self._postfix(engine))
            if self.evaluator is not None:
                ProgressBar(desc="Validation", file=sys.stderr).attach(self.evaluator)

    def _start_run(self, engine: Engine) -> None:
        self._start_s, self._start_iteration = perf_counter(), None

    def _start_epoch(self, engine: Engine) -> None:
        self._tell_epoch(engine)
        self._losses, self._batches, self._scores = 0.0, 0, {}
        self._shown_s, self._next_log_s = -math.inf, perf_counter() + self.log_every_s
        if self._start_iteration is None:  # only now is it sure that a resume has set the counters
            self._start_iteration = engine.state.iteration

    def _note_learning_rate(self, engine: Engine) -> None:
        if self.optimizer is not None:
            self._learning_rate = float(self.optimizer.param_groups[0]["lr"])

    def _add_batch(self, engine: Engine) -> None:
        output: Any = engine.state.output
        self._losses = self._losses + torch.as_tensor(output["loss"]).detach().float()
        self._batches += 1
        if self._bar is None and perf_counter() >= self._next_log_s:
            self._next_log_s = perf_counter() + self.log_every_s
            logger.info("%s  batch %s", self._line(engine), _batch_and_time_left(engine, self._eta_s(engine)))

    def _note_scores(self, evaluator: Engine, trainer: Engine) -> None:
        if is_part_of_epoch(trainer):
            self._scores = scalar_metrics(evaluator)

    def _complete_epoch(self, engine: Engine) -> None:
        self._open_epoch = engine.state.epoch

    def _tell_epoch(self, engine: Engine) -> None:
        """Bring out the line of the epoch that is over: now its validation is too, whoever was attached first."""
        if self._open_epoch is None:
            return
        line = self._line(engine, self._open_epoch)
        self._open_epoch = None
        if self._bar is None:
            logger.info(line)
        else:
            self._bar.log_message(line)

    def _line(self, engine: Engine, over: int | None = None) -> str:
        """Return the line of epoch ``over``, or of the one that runs, which has no scores yet."""
        return epoch_line(
            over or engine.state.epoch,
            engine.state.max_epochs if over or _left_s(engine) is None else None,
            loss=float(self._losses) / self._batches if self._batches else None,
            scores=self._shown_scores() if over else None,
            learning_rate=self._learning_rate,
            images_per_second=getattr(engine.state, "throughput", None),
            best=self._best() if over else None,
        )

    def _shown_scores(self) -> dict[str, float]:
        names = self.metrics
        if names is None:
            key = getattr(getattr(self.evaluator, "state", None), "key_metric_name", None) or ""
            names = [key, *(name for name in self._scores if name != key)]
        return {name: self._scores[name] for name in names if name in self._scores}

    def _best(self) -> tuple[float, int] | None:
        state: Any = getattr(self.evaluator, "state", None)
        epoch = getattr(state, "best_metric_epoch", -1)
        return (float(state.best_metric), epoch) if epoch > 0 else None

    def _eta_s(self, engine: Engine) -> float | None:
        """Return the seconds to the end: as `Annealing` tells, else from the pace since this process began."""
        if _left_s(engine) is not None:
            return _left_s(engine)
        state, done = engine.state, engine.state.iteration - (self._start_iteration or 0)
        if not state.max_epochs or not state.epoch_length or done < 1:
            return None
        left = state.max_epochs * state.epoch_length - state.iteration
        return (perf_counter() - self._start_s) / done * left

    def _postfix(self, engine: Engine) -> dict[str, str]:
        if perf_counter() >= self._shown_s + BAR_FETCH_S:
            self._shown_loss, self._shown_s = float(self._losses) / max(self._batches, 1), perf_counter()
        throughput = getattr(engine.state, "throughput", None)
        speed = {} if throughput is None else {"img/s": short_speed(throughput)}
        return {"loss": f"{self._shown_loss:.3f}", **speed}


def _left_s(engine: Engine) -> float | None:
    return getattr(engine.state, "left_s", None)


def _batch_and_time_left(engine: Engine, eta_s: float | None) -> str:
    state = engine.state
    batch = state.iteration if not state.epoch_length else (state.iteration - 1) % state.epoch_length + 1
    of = f"/{state.epoch_length}" if state.epoch_length else ""
    return f"{batch}{of}" + ("" if eta_s is None else f"  {in_words(eta_s)} to go")
