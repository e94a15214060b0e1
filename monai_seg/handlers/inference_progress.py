"""What a person who waits for masks wants to see: how far it is, and where they lie."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from ignite.engine import Engine, Events
from ignite.handlers import ProgressBar

from monai_seg.handlers.epoch_line import in_words
from monai_seg.handlers.main_process import is_main_process
from monai_seg.processes import count

logger = logging.getLogger(__name__)


class InferenceProgress:
    """A bar on a terminal, a line now and then in a log, and at the end the number of masks and their folder.

    Of several processes the first counts its own pictures.

    Args:
        output_dir: where the masks go.
        log_every_s: seconds between two lines where there is no terminal.
        of: what each picture gives: masks, or rows of a table.
    """

    def __init__(self, output_dir: str | Path, log_every_s: float = 30.0, of: str = "masks") -> None:
        self.of = of
        self.output_dir, self.log_every_s = Path(output_dir), log_every_s
        self._start_s = self._next_log_s = 0.0

    def attach(self, engine: Engine) -> None:
        """Register with the evaluator; does nothing in other processes than the first."""
        if not is_main_process():
            return
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.COMPLETED, self._tell_end)
        if sys.stderr.isatty():
            ProgressBar(desc="Inference", file=sys.stderr).attach(engine)
        else:
            engine.add_event_handler(Events.ITERATION_COMPLETED, self._tell)

    def _start(self, engine: Engine) -> None:
        self._start_s = perf_counter()
        self._next_log_s = self._start_s + self.log_every_s

    def _tell(self, engine: Engine) -> None:
        now = perf_counter()
        if now < self._next_log_s:
            return
        self._next_log_s = now + self.log_every_s
        done, total = engine.state.iteration, engine.state.epoch_length or 0
        left_s = (now - self._start_s) / done * (total - done)
        logger.info(f"{_pictures(engine, done)} of {_pictures(engine, total)} pictures, {in_words(left_s)} to go")

    def _tell_end(self, engine: Engine) -> None:
        seconds = perf_counter() - self._start_s
        done = _pictures(engine, engine.state.iteration)
        by = f" by the first of {count()} processes" if count() > 1 else ""
        logger.info(f"{done} {self.of} written to {self.output_dir} in {in_words(seconds)}{by}")


def _pictures(engine: Engine, batches: int) -> int:
    """Return how many pictures the first ``batches`` of a run hold."""
    loader: Any = engine.state.dataloader
    if getattr(loader, "batch_size", None) is None:
        return batches
    return min(batches * loader.batch_size, len(loader.dataset))
