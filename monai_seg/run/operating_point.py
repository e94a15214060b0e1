"""The operating point of a run: searched on validation data when training is over, used from then on."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from monai_seg.errors import InputError
from monai_seg.processes import of_first
from monai_seg.run.config import from_run

NAME = "operating_point.json"
logger = logging.getLogger(__name__)


def search_unless_stopped(trainer: Any, evaluator: Any) -> None:
    """Run ``evaluator``, whose handler searches the operating point, after a training that came to its end.

    Several processes do so together, once the first has written the best weights.

    Args:
        trainer: has run; `monai_seg.handlers.Interruptions` marks one that was stopped, which will go on some day.
        evaluator: scores the validation data with the best weights.
    """
    state = trainer.state
    if of_first(lambda: getattr(state, "stopped_by", None) is None and getattr(state, "save_error", None) is None):
        evaluator.run()


def operating_point(run_dir: str | Path, id: str) -> Any:
    """Return ``id`` as searched for the run in ``run_dir``, or as its config has it where nothing was searched.

    Args:
        run_dir: folder of the run.
        id: ``decide_threshold``, ``min_area_share``, ``threshold`` or ``class_gate``.

    Raises:
        InputError: no such run, or its operating point cannot be read.
    """
    configured = from_run(run_dir, id)
    path = Path(run_dir) / NAME
    if not path.is_file():
        return configured
    try:
        found = float(json.loads(path.read_text(encoding="utf-8"))[id])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(path, f"gives no number for {id!r} ({error})",
                         "remove it to use the config's, or train anew") from error
    logger.info(f"{id} {found:g}, as found on validation data ({path})")
    return found
