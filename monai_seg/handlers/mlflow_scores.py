"""An evaluation or an inference as a run in MLflow."""

from __future__ import annotations

import csv
from pathlib import Path
from time import perf_counter
from typing import Any

from ignite.engine import Engine, Events

from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.mlflow_store import MlflowStore, Tracking


class MlflowScores:
    """Records settings, the number of images and of seconds, and, of an evaluation, every score of ``summary.csv``.

    Attach it after the handler that writes the scores. What is not defined is left out.

    Args:
        output_dir: where scores or masks go.
        tracking: where to, or None: then it does nothing.
        split: whose scores they are; None for an inference.
    """

    def __init__(self, output_dir: str | Path, tracking: Tracking | None = None, split: str | None = None) -> None:
        self.output_dir, self.tracking, self.split = Path(output_dir), tracking, split
        self._store: MlflowStore | None = None
        self._images, self._start_s = 0, 0.0

    def attach(self, engine: Engine) -> None:
        """Register with the evaluator; does nothing in other processes than the first, or without tracking."""
        if self.tracking is not None and is_main_process():
            engine.add_event_handler(Events.STARTED, self._open, self.tracking)
            engine.add_event_handler(Events.ITERATION_COMPLETED, self._count)
            engine.add_event_handler(Events.COMPLETED, self._close)

    def _open(self, engine: Engine, tracking: Tracking) -> None:
        kind = "inference" if self.split is None else "evaluation"
        self._store = MlflowStore(tracking, kind, self.output_dir)
        self._images, self._start_s = 0, perf_counter()

    def _count(self, engine: Engine) -> None:
        batch: Any = engine.state.batch
        self._images += len(batch["image"]) if isinstance(batch, dict) else len(batch)

    def _close(self, engine: Engine) -> None:
        if self._store is None:
            return
        self._store.log({"images_of_process": self._images, "seconds": perf_counter() - self._start_s})
        if self.split is None:
            self._store.close()
            return
        self._store.log(_scores(self.output_dir / "summary.csv", self.split))
        self._store.close(files=("summary.csv",))


def _scores(path: Path, split: str) -> dict[str, float]:
    with open(path, newline="", encoding="utf-8") as file:
        return {row["score"]: float(row["value"]) for row in csv.DictReader(file)
                if row["split"] == split and row["value"]}
