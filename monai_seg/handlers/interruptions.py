"""What may end a training before its time: a signal, a file named STOP, the clock, or memory."""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any

import torch
from ignite.engine import Engine, Events

from monai_seg.errors import InputError
from monai_seg.processes import agreed, count, place

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGUSR1", "SIGINT") if hasattr(signal, name))
STOP_NAME = "STOP"
REASONS = (None, "max_time_s", STOP_NAME, *(number.name for number in SIGNALS))  # the last of several is told
LOOK_EVERY_S = 0.5  # between two looks for the file; a look at a network disk may take milliseconds
logger = logging.getLogger(__name__)


class Interruptions:
    """Lets the trainer finish its iteration and end, when it is told to; `Checkpoints` saves then.

    Told by SIGTERM, SIGUSR1 or Ctrl-C, by a file ``STOP`` in the run folder (removed once it is obeyed), or by the time
    since training began. Within a validation its batch is finished instead, and the validation is made anew after the
    resume. A second Ctrl-C breaks off at once. Afterwards ``trainer.state.stopped_by`` says by what, or is None; see
    `monai_seg.run.finish` for the exit codes. Several processes stop after the same iteration, whichever of them was
    told; they look for the file and at the clock by the first, and end a validation that has begun. Running out of
    memory is told in a line.

    Args:
        output_dir: the run folder.
        evaluator: the validation engine.
        max_time_s: seconds after which training ends; None for no limit. Saving takes its time after that.
    """

    def __init__(
        self, output_dir: str | Path, evaluator: Engine | None = None, max_time_s: float | None = None
    ) -> None:
        self.stop_file, self.evaluator, self.max_time_s = Path(output_dir) / STOP_NAME, evaluator, max_time_s
        self._signal: str | None = None
        self._start_s = self._next_look_s = 0.0
        self._before: dict[int, Any] = {}

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._stop_if_asked, engine)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._stop_if_asked, engine)
        engine.add_event_handler(Events.COMPLETED, self._restore_signals)
        engine.add_event_handler(Events.EXCEPTION_RAISED, self._tell_out_of_memory)
        if self.evaluator is not None and count() == 1:  # several have not the same number of batches to validate
            self.evaluator.add_event_handler(Events.ITERATION_COMPLETED, self._stop_if_asked, engine)

    def _start(self, engine: Engine) -> None:
        state: Any = engine.state
        state.stopped_by, self._signal = None, None
        self._start_s, self._next_look_s = perf_counter(), 0.0
        if _is_main_thread():
            self._before = {number: signal.signal(number, self._note) for number in SIGNALS}

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._signal = signal.Signals(number).name
        if number == signal.SIGINT:
            signal.signal(number, signal.default_int_handler)  # the second one means: at once

    def _stop_if_asked(self, current: Engine, trainer: Engine) -> None:
        """Ask the ``current`` engine to end after this iteration, and the trainer with it."""
        state: Any = trainer.state
        if getattr(state, "stopped_by", None) is None and (reason := self._agreed_reason()) is not None:
            state.stopped_by = reason
            logger.info(f"{reason}: stopping after iteration {state.iteration} in epoch {state.epoch}")
            trainer.terminate()
            if current is not trainer:
                current.terminate(skip_completed=True)

    def _agreed_reason(self) -> str | None:
        number = agreed(REASONS.index(self._reason()))
        return REASONS[number]

    def _reason(self) -> str | None:
        if self._signal is not None:
            return self._signal
        if place() != 0:
            return None
        now = perf_counter()
        if self.max_time_s is not None and now - self._start_s >= self.max_time_s:
            return "max_time_s"
        if now >= self._next_look_s:
            self._next_look_s = now + LOOK_EVERY_S
            if self.stop_file.exists():
                self.stop_file.unlink(missing_ok=True)
                return STOP_NAME
        return None

    def _restore_signals(self) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        self._before = {}

    def _tell_out_of_memory(self, engine: Engine, error: BaseException) -> None:
        """Ignite takes a listener here for one that has dealt with the exception, so it is raised again."""
        self._restore_signals()
        if _is_out_of_memory(error):
            raise InputError("memory", f"ran out in epoch {engine.state.epoch}, iteration {engine.state.iteration}",
                             "lower --batch_size (or give --accumulate auto where it was off), --image_size or "
                             "--cache_mb, or choose a smaller --network_def") from error
        raise error


def _is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "DefaultCPUAllocator" in str(error)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
