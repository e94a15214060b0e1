from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Events

from monai_seg.errors import InputError
from monai_seg.handlers.interruptions import Interruptions

Make = Callable[..., Any]
WAYS = {"SIGTERM": signal.SIGTERM, "SIGUSR1": signal.SIGUSR1, "SIGINT": signal.SIGINT}


def at(run: Any, iteration: int, act: Callable[[], Any]) -> None:
    run.trainer.add_event_handler(Events.ITERATION_STARTED(once=iteration), act)


@pytest.mark.parametrize("way", WAYS)
def test_the_iteration_is_finished_and_no_other_begun(tiny_run: Make, tmp_path: Path, way: str) -> None:
    run, before = tiny_run(9), [signal.getsignal(number) for number in WAYS.values()]
    Interruptions(tmp_path).attach(run.trainer)
    at(run, 5, lambda: os.kill(os.getpid(), WAYS[way]))
    run.trainer.run()
    assert run.trainer.state.iteration == 5
    assert run.trainer.state.stopped_by == way
    assert [signal.getsignal(number) for number in WAYS.values()] == before


def test_a_second_ctrl_c_breaks_off_at_once(tiny_run: Make, tmp_path: Path) -> None:
    run, before = tiny_run(9), signal.getsignal(signal.SIGTERM)
    Interruptions(tmp_path).attach(run.trainer)

    def press_twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    at(run, 3, press_twice)
    with pytest.raises(KeyboardInterrupt):
        run.trainer.run()
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_file_named_stop_is_obeyed_and_taken_away(
    tiny_run: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monai_seg.handlers.interruptions.LOOK_EVERY_S", 0.0)
    run = tiny_run(9)
    Interruptions(tmp_path).attach(run.trainer)
    at(run, 7, lambda: (tmp_path / "STOP").touch())
    run.trainer.run()
    assert run.trainer.state.iteration == 7
    assert run.trainer.state.stopped_by == "STOP"
    assert os.listdir(tmp_path) == []


def test_the_clock_ends_a_run(tiny_run: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, now = tiny_run(9), [0.0]
    monkeypatch.setattr("monai_seg.handlers.interruptions.perf_counter", lambda: now[0])
    Interruptions(tmp_path, max_time_s=10).attach(run.trainer)
    run.trainer.add_event_handler(Events.ITERATION_STARTED, lambda: now.__setitem__(0, now[0] + 3))
    run.trainer.run()
    assert run.trainer.state.iteration == 4  # 3, 6, 9, 12 s
    assert run.trainer.state.stopped_by == "max_time_s"


def test_a_validation_is_cut_short(tiny_run: Make, tmp_path: Path) -> None:
    run = tiny_run(9, scores=[0.5] * 9)
    Interruptions(tmp_path, run.evaluator).attach(run.trainer)
    run.validation.attach(run.trainer)
    ends: list[int] = []
    run.evaluator.add_event_handler(Events.COMPLETED, lambda: ends.append(run.trainer.state.epoch))

    def stop() -> None:
        if run.trainer.state.epoch == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    run.evaluator.add_event_handler(Events.ITERATION_STARTED, stop)
    run.trainer.run()
    assert ends == [1]
    assert (run.trainer.state.epoch, run.trainer.state.stopped_by) == (2, "SIGTERM")


def test_a_run_that_nobody_stops_says_so(tiny_run: Make, tmp_path: Path) -> None:
    run = tiny_run(2)
    Interruptions(tmp_path).attach(run.trainer)
    run.trainer.run()
    assert run.trainer.state.stopped_by is None
    assert run.trainer.state.epoch == 2


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError(),
                                   RuntimeError("DefaultCPUAllocator: can't allocate memory")])
def test_running_out_of_memory_says_what_to_lower(tiny_run: Make, tmp_path: Path, error: Exception) -> None:
    run = tiny_run(2)
    Interruptions(tmp_path).attach(run.trainer)

    def fail() -> None:
        raise error

    at(run, 2, fail)
    with pytest.raises(InputError, match=r"memory: ran out in epoch 1, iteration 2; lower --batch_size"):
        run.trainer.run()


def test_other_errors_stay_what_they_are(tiny_run: Make, tmp_path: Path) -> None:
    run, before = tiny_run(2), signal.getsignal(signal.SIGTERM)
    Interruptions(tmp_path).attach(run.trainer)
    at(run, 2, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run.trainer.run()
    assert signal.getsignal(signal.SIGTERM) == before
