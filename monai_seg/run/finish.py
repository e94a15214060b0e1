"""The last thing that a training config runs: how it ended, as an exit code."""

from __future__ import annotations

import logging
from typing import Any

from monai_seg.errors import InputError

INTERRUPTED, STOPPED = 130, 143  # as shells give for Ctrl-C and SIGTERM
logger = logging.getLogger(__name__)


def finish(trainer: Any) -> None:
    """End the process as training ended: nothing where it is done, otherwise exit code 130 (Ctrl-C) or 143 (stopped).

    Args:
        trainer: has run, with `monai_seg.handlers.Interruptions` and `Checkpoints` attached.

    Raises:
        InputError: the last save failed.
        SystemExit: training was stopped.
    """
    error = getattr(trainer.state, "save_error", None)
    if error is not None:
        raise InputError(error.where, f"the last checkpoint is not saved, {error.cause}",
                         f"{error.mend}, and go on from the one before with --resume auto") from error
    reason = getattr(trainer.state, "stopped_by", None)
    if reason is not None:
        logger.info(f"stopped by {reason} in epoch {trainer.state.epoch} after iteration {trainer.state.iteration}; "
                    "what was done is saved, go on with --resume auto")
        raise SystemExit(INTERRUPTED if reason == "SIGINT" else STOPPED)
