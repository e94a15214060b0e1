from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ignite.engine import Engine
from torch.utils.data import DataLoader

from monai_seg.handlers import inference_progress
from monai_seg.handlers.inference_progress import InferenceProgress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The time in seconds, that a test moves on."""
    now = [100.0]
    monkeypatch.setattr(inference_progress, "perf_counter", lambda: now[0])
    yield now


def infer(handler: InferenceProgress, clock: list[float], pictures: int, seconds_each: float) -> None:
    def step(engine: Engine, picture: int) -> None:
        clock[0] += seconds_each

    engine = Engine(step)
    handler.attach(engine)
    engine.run(range(pictures))


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == inference_progress.__name__]


def test_a_line_now_and_then_and_one_at_the_end(clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, inference_progress.__name__):
        infer(InferenceProgress("out", log_every_s=30), clock, pictures=10, seconds_each=8)
    first, second, end = lines(caplog)
    assert first.startswith("4 of 10 pictures, ")  # after 32 s; 6 left, 48 s
    assert first.endswith(" to go")
    assert "48" in first
    assert second.startswith("8 of 10 pictures, ")  # after 64 s
    assert end.startswith(f"10 masks written to {Path('out')} in ")


def test_a_quick_run_says_the_end_alone(clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    handler = InferenceProgress("out")
    with caplog.at_level(logging.INFO, inference_progress.__name__):
        infer(handler, clock, pictures=3, seconds_each=1)
        infer(handler, clock, pictures=2, seconds_each=1)  # the clock starts anew
    first, second = lines(caplog)
    assert first.startswith("3 masks written to out in 3")
    assert second.startswith("2 masks written to out in 2")


def test_other_processes_are_silent(
    clock: list[float], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RANK", "1")
    with caplog.at_level(logging.INFO, inference_progress.__name__):
        infer(InferenceProgress("out"), clock, pictures=3, seconds_each=60)
    assert lines(caplog) == []


def test_a_terminal_gets_a_bar_instead_of_lines(
    clock: list[float], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with caplog.at_level(logging.INFO, inference_progress.__name__):
        infer(InferenceProgress("out", log_every_s=1), clock, pictures=3, seconds_each=60)
    (end,) = lines(caplog)
    assert end.startswith("3 masks written")
    assert "Inference" in capsys.readouterr().err


def test_pictures_are_counted_not_batches(clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    engine = Engine(lambda engine, batch: clock.__setitem__(0, clock[0] + 40))
    InferenceProgress("out", log_every_s=30, of="rows").attach(engine)
    with caplog.at_level(logging.INFO, inference_progress.__name__):
        engine.run(DataLoader(list(range(7)), batch_size=3))
    first, second, third, end = lines(caplog)
    assert [line.split(" pictures")[0] for line in (first, second, third)] == ["3 of 7", "6 of 7", "7 of 7"]
    assert end.startswith("7 rows written to out in ")
