"""The outcome of the search after a training, in the training's own run in MLflow."""

from __future__ import annotations

import json
from pathlib import Path

from ignite.engine import Engine, Events

from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.mlflow_store import MlflowStore, Tracking

KEPT_FILES = ("operating_point.json", "operating_point.csv")


class MlflowSearch:
    """Records what ``operating_point.json`` says: the values found, and the validation scores that they reach.

    The search follows the training, whose run has ended by then; it is opened again and ended once more. Attach this
    to the evaluator of the search, after the handler that searches.

    Metrics are ``operating_point_threshold`` and so on, and ``final_val_dice`` and so on: of the best weights at these
    values, where ``val_dice`` is of each epoch's weights at the config's.

    Args:
        output_dir: the run folder.
        tracking: where to, or None: then it does nothing.
    """

    def __init__(self, output_dir: str | Path, tracking: Tracking | None = None) -> None:
        self.output_dir, self.tracking = Path(output_dir), tracking
        self._store: MlflowStore | None = None

    def attach(self, engine: Engine) -> None:
        """Register with the evaluator; does nothing in other processes than the first, or without tracking."""
        if self.tracking is not None and is_main_process():
            engine.add_event_handler(Events.STARTED, self._open, self.tracking)
            engine.add_event_handler(Events.COMPLETED, self._close)

    def _open(self, engine: Engine, tracking: Tracking) -> None:
        self._store = MlflowStore(tracking, "training", self.output_dir, reopen=True)

    def _close(self, engine: Engine) -> None:
        if self._store is None:
            return
        found = json.loads((self.output_dir / KEPT_FILES[0]).read_text(encoding="utf-8"))
        known = {name: value for name, value in found.items() if isinstance(value, int | float) and name != "score"}
        self._store.log({f"final_val_{name}" if name.startswith("dice") else f"operating_point_{name}": value
                         for name, value in known.items()})
        self._store.close(files=KEPT_FILES)
