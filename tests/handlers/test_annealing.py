from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ignite.engine import Events

from monai_seg.errors import InputError
from monai_seg.handlers import annealing
from monai_seg.handlers.annealing import Annealing, anneal, read_schedule

Make = Callable[..., Any]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still until its one entry is moved."""
    now = [100.0]
    monkeypatch.setattr(annealing, "perf_counter", lambda: now[0])
    return now


def attach(run: Any, folder: Path, epochs: int, **options: Any) -> tuple[Annealing, list[float]]:
    """Attach the handler; return it and the rates of the steps, as they come."""
    run.validation.attach(run.trainer)
    handler = Annealing(run.optimizer, run.evaluator, folder, epochs, **options)
    handler.attach(run.trainer)
    rates: list[float] = []
    run.trainer.add_event_handler(Events.ITERATION_COMPLETED,
                                  lambda: rates.append(run.optimizer.param_groups[0]["lr"]))
    return handler, rates


def tick(run: Any, clock: list[float], seconds: float) -> None:
    """Let each step take ``seconds``."""

    def move() -> None:
        clock[0] += seconds

    run.trainer.add_event_handler(Events.ITERATION_STARTED, move)


def test_the_rate_rises_straight_and_falls_as_half_a_wave():
    assert anneal(0, 0.1, 0.01) == pytest.approx(0.1)
    assert anneal(0.05, 0.1, 0.01) == pytest.approx(0.1 + 0.9 / 2)
    assert anneal(0.1, 0.1, 0.01) == 1
    assert anneal(0.55, 0.1, 0.01) == pytest.approx((1 + 0.01) / 2)  # half of the way down
    assert anneal(1, 0.1, 0.01) == anneal(2, 0.1, 0.01) == pytest.approx(0.01)


def test_over_epochs_the_rate_depends_on_the_step_alone(tiny_run: Make, tmp_path: Path, clock: list[float]):
    run = tiny_run(5, [0.1] * 5)
    _, rates = attach(run, tmp_path, 5)
    run.trainer.run()
    assert rates == pytest.approx([0.1 * anneal(step / 10, 0.05, 0.01) for step in range(10)])  # 2 batches an epoch


def test_training_ends_with_the_time_annealed_and_validated(tiny_run: Make, tmp_path: Path, clock: list[float]):
    run = tiny_run(100, [0.1] * 100, interval=3)
    handler, rates = attach(run, tmp_path, 100, minutes=0.5)
    tick(run, clock, 6.0)  # 5 steps, in epochs of 2
    run.trainer.run()
    assert run.trainer.state.iteration == 5 and run.trainer.state.epoch == 3
    assert run.evaluator.state.epoch == 3 and handler.exhausted
    assert rates[-1] == pytest.approx(0.1 * anneal(0.8, 0.05, 0.01))  # the rate of the step that began after 24 of 30 s
    assert rates[1:] == sorted(rates[1:], reverse=True)


def test_what_is_left_of_the_time_is_told(tiny_run: Make, tmp_path: Path, clock: list[float]):
    run, left = tiny_run(100), []
    attach(run, tmp_path, 100, minutes=0.5)
    run.trainer.add_event_handler(Events.ITERATION_STARTED, lambda engine: left.append(engine.state.left_s))
    tick(run, clock, 4)
    run.trainer.run()
    assert left == [30 - 4 * step for step in range(len(left))] and len(left) > 5


def test_a_cut_epoch_without_its_turn_is_validated_all_the_same(tiny_run: Make, tmp_path: Path, clock: list[float]):
    run = tiny_run(100, [0.1] * 100, interval=50)
    tick(run, clock, 6.0)
    attach(run, tmp_path, 100, minutes=0.5)
    run.trainer.run()
    assert run.evaluator.state.epoch == run.trainer.state.epoch == 3


def test_the_time_of_a_validation_is_kept_free(tiny_run: Make, tmp_path: Path, clock: list[float]):
    run = tiny_run(100, [0.1] * 100)
    tick(run, clock, 1.0)
    attach(run, tmp_path, 100, minutes=0.5)

    def move() -> None:
        clock[0] += 5.0

    run.evaluator.add_event_handler(Events.ITERATION_COMPLETED, move)  # one batch
    run.trainer.run()
    assert 25.0 <= clock[0] - 100.0 <= 30.0  # 4 epochs of 2 + 5 s: for one more step and its validation lacks the time


def test_fewer_epochs_than_the_time_has_end_annealed_too(tiny_run: Make, tmp_path: Path, clock: list[float]):
    run = tiny_run(3, [0.1] * 3)
    _, rates = attach(run, tmp_path, 3, minutes=60)
    run.trainer.run()
    assert run.trainer.state.epoch == 3
    assert rates == pytest.approx([0.1 * anneal(int(1000 * step / 6) / 1000, 0.05, 0.01) for step in range(6)])


def test_a_recorded_schedule_is_followed_whatever_the_clock(tiny_run: Make, tmp_path: Path, clock: list[float]):
    first = tiny_run(100, [0.1] * 100)
    tick(first, clock, 6.0)
    _, rates = attach(first, tmp_path, 100, minutes=0.5)
    first.trainer.run()
    again = tiny_run(100, [0.1] * 100)
    tick(again, clock, 0.001)
    _, repeated = attach(again, tmp_path / "again", 100, minutes=0.5, replay=tmp_path / "schedule.json")
    again.trainer.run()
    assert repeated == rates
    assert again.trainer.state.iteration == first.trainer.state.iteration
    schedules = [json.loads((folder / "schedule.json").read_text()) for folder in (tmp_path, tmp_path / "again")]
    assert schedules[0] == schedules[1] and schedules[0]["steps"] == 5


def test_a_resume_goes_on_from_the_time_that_was_used(tiny_run: Make, tmp_path: Path, clock: list[float]):
    first = tiny_run(100, [0.1] * 100)
    handler, _ = attach(first, tmp_path, 100, minutes=1)
    tick(first, clock, 6.0)
    states: list[dict[str, Any]] = []
    first.trainer.add_event_handler(Events.EPOCH_COMPLETED(once=2), lambda: states.append(handler.state_dict()))
    first.trainer.run()
    assert states[0]["elapsed_s"] == 24.0 and not states[0]["over"]
    clock[0] += 1e6  # between the two processes
    second = tiny_run(100, [0.1] * 100)
    resumed, rates = attach(second, tmp_path, 100, minutes=1)
    tick(second, clock, 6.0)
    second.resume_after(2)
    resumed.load_state_dict(states[0])
    second.trainer.run()
    assert second.trainer.state.iteration == first.trainer.state.iteration == 10  # 60 s in all
    assert rates[0] == pytest.approx(0.1 * anneal(0.4, 0.05, 0.01))  # after 24 s of 60
    assert resumed.state_dict()["turns"] == handler.state_dict()["turns"]


def test_a_schedule_that_is_none_is_told(tmp_path: Path):
    path = tmp_path / "schedule.json"
    with pytest.raises(InputError, match=r"is no schedule of a run .*; name the schedule\.json"):
        read_schedule(path)
    path.write_text('{"steps": "many"}')
    with pytest.raises(InputError, match="is no schedule of a run"):
        read_schedule(path)


def test_without_minutes_the_budget_has_no_end(tiny_run: Make, tmp_path: Path):
    run = tiny_run(1, [0.1])
    assert math.isinf(Annealing(run.optimizer, run.evaluator, tmp_path, 1).budget_s)
