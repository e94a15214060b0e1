"""A learning rate that warms up and falls to the end of the time given, or of the epochs, and ends training there."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path
from time import perf_counter
from typing import Any

from ignite.engine import Engine, Events
from torch.optim import Optimizer

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError
from monai_seg.handlers.main_process import is_main_process
from monai_seg.processes import agreed

SCHEDULE_NAME = "schedule.json"
logger = logging.getLogger(__name__)
LEVELS = 1000  # the rate changes in so many steps, so that the file that repeats them stays short


class Annealing:
    """Sets the rate of each step by how far training is, and ends training when it is over.

    How far: the time since the start over ``minutes``, or the steps done over all steps of ``max_epochs``, whichever is
    more. So training is annealed at its end, however quick the machine. The time of the last validation is kept free,
    and an epoch may be cut short by the end. Time before a resume counts, time between the two does not.

    A run bounded by time cannot be repeated by its seed alone. So ``schedule.json`` in the run folder holds the step at
    which each of `LEVELS` was reached, and the number of steps; given as ``replay``, it is followed instead of the
    clock, and gives the same weights.

    Args:
        optimizer: whose rate is set; its own is the highest.
        evaluator: the validation engine; it runs at the end where the last epoch has no validation of its own.
        output_dir: the run folder.
        max_epochs: the most there will be.
        minutes: of training, validations included; None to go by epochs alone.
        replay: schedule.json of the run to repeat, or None.
        warmup: share of training in which the rate rises from a tenth.
        floor: share of the rate at the end.

    Raises:
        InputError: ``replay`` cannot be read.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        evaluator: Any,
        output_dir: str | Path,
        max_epochs: int,
        minutes: float | None = None,
        replay: str | Path | None = None,
        warmup: float = 0.05,
        floor: float = 0.01,
    ) -> None:
        self.optimizer, self.evaluator, self.path = optimizer, evaluator, Path(output_dir) / SCHEDULE_NAME
        self.max_epochs, self.budget_s = max_epochs, math.inf if minutes is None else 60.0 * minutes
        self.warmup, self.floor = warmup, floor
        self.turns: list[list[int]] = []  # [step, level reached there]
        self.replay = None if replay is None else read_schedule(replay)
        self.exhausted = False  # whether training has come to its end
        self._before_s = self._start_s = self._validation_s = self._validation_start_s = 0.0

    def attach(self, engine: Engine) -> None:
        """Register with the trainer; attach this after its validation."""
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_STARTED, self._set_rate)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._end_epoch_when_over)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._end_when_over)
        self.evaluator.add_event_handler(Events.STARTED, self._start_validation)
        self.evaluator.add_event_handler(Events.COMPLETED, self._stop_validation)

    def state_dict(self) -> dict[str, Any]:
        return {"elapsed_s": self.elapsed_s, "turns": [list(turn) for turn in self.turns], "over": self.exhausted}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._before_s, self.exhausted = state["elapsed_s"], state["over"]
        self.turns = [list(turn) for turn in state["turns"]]

    @property
    def elapsed_s(self) -> float:
        """Seconds of training, those before a resume included."""
        return self._before_s + (perf_counter() - self._start_s if self._start_s else 0.0)

    def _start(self, engine: Engine) -> None:
        self._start_s = perf_counter()
        if self.exhausted:
            return
        state: Any = engine.state
        state.again = f" --schedule_steps {self.path}"  # what a command needs to repeat this run, see RunCard

    def _set_rate(self, engine: Engine) -> None:
        level = self._level(engine)
        if not self.turns or self.turns[-1][1] != level:
            self.turns.append([engine.state.iteration, level])
        share = anneal(level / LEVELS, self.warmup, self.floor)
        for group in self.optimizer.param_groups:
            group["lr"] = group.setdefault("initial_lr", group["lr"]) * share
        if self.budget_s < math.inf and self.replay is None:
            state: Any = engine.state
            state.left_s = max(0.0, self.budget_s - self.elapsed_s)  # what Progress tells

    def _level(self, engine: Engine) -> int:
        done = engine.state.iteration - 1
        if self.replay is not None:
            return next((level for step, level in reversed(self.replay["turns"]) if step <= done + 1), 0)
        by_steps = done / (self.max_epochs * (engine.state.epoch_length or 1))
        by_time = self.elapsed_s / max(self.budget_s - self._validation_s, 1e-9)
        return agreed(int(LEVELS * min(1.0, max(by_steps, by_time))))

    def _is_over(self, engine: Engine) -> bool:
        if self.replay is not None:
            return engine.state.iteration >= self.replay["steps"]
        return bool(agreed(int(self.elapsed_s + self._validation_s >= self.budget_s)))

    def _end_epoch_when_over(self, engine: Engine) -> None:
        if not self.exhausted and self._is_over(engine):
            self.exhausted = True
            engine.terminate_epoch()

    def _end_when_over(self, engine: Engine) -> None:
        state = engine.state
        is_over = self._is_over(engine)  # asked by all processes, whatever the others know
        self.exhausted = self.exhausted or is_over or state.epoch >= self.max_epochs
        if self.exhausted:
            state.max_epochs = state.epoch
            if self.evaluator.state.epoch != state.epoch:
                self.evaluator.run(state.epoch)
            if is_main_process():
                self._write(state.iteration)
        elif self.budget_s < math.inf:  # what Progress shows: as many epochs as there will be at this pace
            will_be = math.ceil(state.epoch * self.budget_s / max(self.elapsed_s, 1e-9))
            state.max_epochs = min(self.max_epochs, max(state.epoch + 1, will_be))

    def _write(self, steps: int) -> None:
        """A file to repeat a run from is not worth the run: where the disk refuses, a warning says so."""
        try:
            make_folder(self.path.parent)
            write_text_durably(self.path, json.dumps({"steps": steps, "turns": self.turns}) + "\n")
        except InputError as error:
            logger.warning(f"{error}; without it this run cannot be repeated to the bit")

    def _start_validation(self) -> None:
        self._validation_start_s = perf_counter()

    def _stop_validation(self) -> None:
        self._validation_s = perf_counter() - self._validation_start_s


def anneal(progress: float, warmup: float, floor: float) -> float:
    """Return the share of the highest rate at ``progress`` 0..1: a straight rise from 0.1, then half a cosine wave."""
    if progress < warmup:
        return 0.1 + 0.9 * progress / warmup
    rest = (min(progress, 1.0) - warmup) / (1 - warmup)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * rest))


def read_schedule(path: str | Path) -> dict[str, Any]:
    """Return what `Annealing` has written.

    Raises:
        InputError: no such file, or it is none.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        steps, turns = int(content["steps"]), [(int(step), int(level)) for step, level in content["turns"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(path, f"is no schedule of a run ({error})",
                         f"name the {SCHEDULE_NAME} of the run to repeat with --schedule_steps") from error
    return {"steps": steps, "turns": turns}
