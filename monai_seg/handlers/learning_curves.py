"""The learning curves of a run as a picture in its folder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from ignite.engine import Engine, Events

from monai_seg.figures import draw_curves
from monai_seg.handlers.main_process import is_main_process

logger = logging.getLogger(__name__)


class LearningCurves:
    """Draw ``curves.png`` from ``metrics.csv`` and ``losses.csv`` when training ends, however it ends but by a crash,
    and now and then before.

    A picture is not worth a run: if drawing fails, a warning tells why, and training goes on. Attach it after
    `MetricsCsv`. It does not listen to EXCEPTION_RAISED, as Ignite takes any listener there for one that has dealt
    with the exception.

    Args:
        output_dir: folder of the run.
        interval_s: seconds between two drawings while training runs; a drawing takes about half a second.
        scores: columns in the upper panel, see `draw_curves`.
        key_metric: score whose best epoch is marked, see `draw_curves`.
        title: line above the panels.
    """

    def __init__(
        self,
        output_dir: str | Path,
        interval_s: float = 120.0,
        scores: Sequence[str] | None = None,
        key_metric: str | None = None,
        title: str = "",
    ) -> None:
        self.output_dir, self.interval_s = Path(output_dir), interval_s
        self.scores, self.key_metric, self.title = scores, key_metric, title
        self._next_s = 0.0

    def attach(self, engine: Engine) -> None:
        """Register with the trainer; does nothing in other processes than the first."""
        if is_main_process():
            engine.add_event_handler(Events.STARTED, self._start_run)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self._draw_now_and_then)
            engine.add_event_handler(Events.COMPLETED, self.draw)

    def draw(self, engine: Engine | None = None) -> None:
        """Draw the curves now."""
        try:
            draw_curves(
                self.output_dir / "metrics.csv",
                self.output_dir / "losses.csv",
                self.output_dir / "curves.png",
                scores=self.scores,
                key_metric=self.key_metric,
                title=self.title,
            )
        except Exception as error:  # whatever it is, training is worth more
            logger.warning("curves.png is not drawn: %s: %s", type(error).__name__, error)

    def _start_run(self, engine: Engine) -> None:
        self._next_s = perf_counter() + self.interval_s

    def _draw_now_and_then(self, engine: Engine) -> None:
        if perf_counter() >= self._next_s:
            self.draw()
            self._next_s = perf_counter() + self.interval_s
