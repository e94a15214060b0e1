"""A training as a run in MLflow."""

from __future__ import annotations

from pathlib import Path

from ignite.engine import Engine, Events

from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.metrics_csv import read_rows
from monai_seg.handlers.mlflow_store import MlflowStore, Tracking

KEPT_FILES = ("config.json", "run_card.json", "metrics.csv", "curves.png")


class MlflowTraining:
    """Records settings, each epoch's row of ``metrics.csv``, the best score, and the run's small files.

    Attach it last: it reads what `MetricsCsv` and `RunCard` have written. MONAI's `MLFlowHandler` takes the loss from a
    decollated list; here, the trainer gives batches, and batches are in ``losses.csv``. A resumed run goes on in the
    same MLflow run.

    Args:
        output_dir: the run folder.
        evaluator: the validation engine, with the best score.
        tracking: where to, or None: then it does nothing.
    """

    def __init__(self, output_dir: str | Path, evaluator: Engine, tracking: Tracking | None = None) -> None:
        self.output_dir, self.tracking, self.evaluator = Path(output_dir), tracking, evaluator
        self._store: MlflowStore | None = None
        self._written = 0

    def attach(self, engine: Engine) -> None:
        """Register with the trainer; does nothing in other processes than the first, or without tracking."""
        if self.tracking is not None and is_main_process():
            engine.add_event_handler(Events.STARTED, self._open, self.tracking)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self._log)
            engine.add_event_handler(Events.COMPLETED, self._close)

    def _open(self, engine: Engine, tracking: Tracking) -> None:
        resumed = getattr(engine.state, "resumed_from", None) is not None
        self._store = MlflowStore(tracking, "training", self.output_dir, resume=resumed)
        self._written = self._store.last_step("train_loss")

    def _log(self, engine: Engine) -> None:
        if self._store is None:
            return
        for epoch, row in read_rows(self.output_dir / "metrics.csv").items():
            if epoch > self._written:  # of a run that goes on, the file may have more than one that is new
                cells = {name: float(cell) for name, cell in row.items() if cell and name != "epoch"}
                self._store.log(cells, step=epoch)
                self._written = epoch

    def _close(self, engine: Engine) -> None:
        if self._store is None:
            return
        best, epoch = self.evaluator.state.best_metric, self.evaluator.state.best_metric_epoch  # type: ignore[attr-defined]
        if epoch > 0:
            self._store.log({"best_score": float(best), "best_epoch": float(epoch)}, step=engine.state.epoch)
        stopped = getattr(engine.state, "stopped_by", None) is not None
        self._store.close("KILLED" if stopped else "FINISHED", KEPT_FILES)
