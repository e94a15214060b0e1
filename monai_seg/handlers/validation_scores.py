"""What a validation during training found."""

from __future__ import annotations

from ignite.engine import Engine, Events
from monai.utils import is_scalar


def scalar_metrics(evaluator: Engine) -> dict[str, float]:
    """Return the metrics of the evaluator's last run that are one number each."""
    return {name: float(value) for name, value in evaluator.state.metrics.items() if is_scalar(value)}


def is_part_of_epoch(trainer: Engine) -> bool:
    """Return whether an evaluator that runs right now was started within an epoch of ``trainer``.

    Another use of the same evaluator, before the first or after the last epoch, belongs to no epoch.
    """
    return trainer.last_event_name in (Events.ITERATION_COMPLETED, Events.EPOCH_COMPLETED)
