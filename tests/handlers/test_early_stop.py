from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from monai.handlers import stopping_fn_from_metric

from monai_seg.handlers.early_stop import EarlyStop

Make = Callable[..., Any]
NAN = math.nan


def early_stop(run: Any, patience: int, **options: Any) -> EarlyStop:
    run.validation.attach(run.trainer)
    handler = EarlyStop(patience, stopping_fn_from_metric("val_dice"), run.evaluator, **options)
    handler.attach(run.trainer)
    return handler


@pytest.mark.parametrize(("patience", "scores", "last"), [
    (2, [0.5, 0.6, 0.6, 0.4], 4),  # best in epoch 2, then two without improvement
    (2, [0.5, 0.4, 0.6, 0.5, 0.5], 5),  # an improvement starts the count anew
    (1, [0.5, 0.5], 2),
    (3, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 6),  # never
    (2, [NAN, NAN, NAN], 3),  # NaN is the worst there is
    (2, [NAN, 0.1, NAN, NAN], 4),
    (2, [0.5, NAN, 0.6, 0.7, NAN, NAN], 6),
])  # fmt: skip
def test_training_ends_when_patience_does(tiny_run: Make, patience: int, scores: list[float], last: int) -> None:
    run = tiny_run(6, [*scores, *[0.0] * (6 - len(scores))])
    handler = early_stop(run, patience)
    run.trainer.run()
    assert run.trainer.state.epoch == last
    assert handler.exhausted is (last < 6 or scores[-2:] == [NAN, NAN])


def test_epochs_without_validation_are_not_counted(tiny_run: Make) -> None:
    run = tiny_run(9, [0.5, 0.4, 0.3, 0.2], interval=2)
    handler = early_stop(run, 2)
    run.trainer.run()
    assert run.trainer.state.epoch == 6  # validations in epochs 2 (best), 4 and 6
    assert handler.counter == 2


def test_the_smallest_can_be_the_best(tiny_run: Make) -> None:
    run = tiny_run(6, [0.5, 0.4, 0.45, NAN, 0.0, 0.0])
    early_stop(run, 2, mode="min")
    run.trainer.run()
    assert run.trainer.state.epoch == 4


def test_the_state_travels(tiny_run: Make) -> None:
    run = tiny_run(3, [0.5, 0.4, 0.3])
    handler = early_stop(run, 5)
    run.trainer.run()
    other = early_stop(tiny_run(3, [0.0]), 5)
    other.load_state_dict(handler.state_dict())
    assert (other.counter, other.best_score, other.exhausted) == (2, 0.5, False)
    patient = early_stop(tiny_run(3, [0.0]), 2)
    patient.load_state_dict(handler.state_dict())
    assert patient.exhausted
