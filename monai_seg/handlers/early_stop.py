"""Early stopping that a checkpoint can carry: MONAI's handler keeps its counter where no checkpoint reaches it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ignite.engine import Engine, Events
from ignite.handlers import EarlyStopping

from monai_seg.processes import of_first


class EarlyStop(EarlyStopping):
    """Ignite's `EarlyStopping`, attached to MONAI's trainer after its validation; the state is Ignite's.

    A score that is NaN counts as the worst there is; for Ignite it would be an improvement each time.

    Args:
        patience: validations without improvement after which training stops.
        score_function: gives the score, the higher the better, of the evaluator it is called with.
        evaluator: the validation engine.
        options: further arguments of Ignite's class (``threshold``, ``mode`` …).
    """

    def __init__(
        self, patience: int, score_function: Callable[[Engine], float], evaluator: Engine, **options: Any
    ) -> None:
        worst = math.inf if options.get("mode") == "min" else -math.inf
        super().__init__(patience, lambda engine: _agreed(score_function(engine), worst), evaluator, **options)
        self.evaluator = evaluator

    def attach(self, engine: Engine) -> None:  # type: ignore[override]  # Ignite's takes the event as well
        """Judge each validation of the trainer ``engine``; attach this after the validation itself."""
        self.trainer = engine
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._judge)

    @property
    def exhausted(self) -> bool:
        """Whether the patience is used up, so that a resumed run has nothing left to do."""
        return self.counter >= self.patience

    def _judge(self, engine: Engine) -> None:
        validated = self.evaluator.state.epoch == engine.state.epoch  # in this epoch, and to its end
        if validated and not self.evaluator.should_terminate:
            self(self.evaluator)


def _agreed(score: float, worst: float) -> float:
    """Return the first process's score, by which all stop or none."""
    return of_first(lambda: worst if math.isnan(score) else score)
