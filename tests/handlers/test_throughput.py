from __future__ import annotations

import pytest
from ignite.engine import Engine, Events

from monai_seg.handlers import Throughput
from monai_seg.handlers import throughput as module


class Clock:
    """Time that passes only when told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(module, "perf_counter", clock)
    return clock


def slow_loader(clock, batches, batch_size, wait_s):
    class Loader:
        def __len__(self):
            return batches

        def __iter__(self):
            for _ in range(batches):
                clock.now += wait_s
                yield {"image": [0] * batch_size}

    return Loader()


def trainer_that_takes(clock, step_s):
    def step(engine, batch):
        clock.now += step_s

    return Engine(step)


def test_waiting_and_computing_count_and_validation_does_not(clock):
    trainer = trainer_that_takes(clock, step_s=3.0)
    Throughput().attach(trainer)

    @trainer.on(Events.EPOCH_COMPLETED)
    def validate():
        clock.now += 1000.0

    seen = []
    trainer.add_event_handler(
        Events.EPOCH_COMPLETED, lambda: seen.append((trainer.state.throughput, trainer.state.data_wait_share))
    )
    trainer.run(slow_loader(clock, batches=5, batch_size=8, wait_s=1.0), max_epochs=3)
    assert seen == [(pytest.approx(5 * 8 / (5 * (1 + 3))), pytest.approx(1 / (1 + 3)))] * 3  # each epoch anew


def test_all_processes_are_counted(clock, monkeypatch):
    monkeypatch.setattr(module.idist, "get_world_size", lambda: 2)
    trainer = trainer_that_takes(clock, step_s=4.0)
    Throughput().attach(trainer)
    trainer.run(slow_loader(clock, batches=2, batch_size=8, wait_s=0.0))
    assert trainer.state.throughput == pytest.approx(2 * 8 / 4)
    assert trainer.state.data_wait_share == 0


def test_metrics_csv_takes_it(tiny_run, tmp_path, clock):
    from monai_seg.handlers import MetricsCsv

    run = tiny_run(1)
    Throughput().attach(run.trainer)
    run.trainer.add_event_handler(Events.ITERATION_STARTED, lambda: setattr(clock, "now", clock.now + 0.5))
    MetricsCsv(tmp_path).attach(run.trainer)
    run.trainer.run()
    assert (tmp_path / "metrics.csv").read_text().splitlines()[1].endswith(",1.5,,8")  # 2 batches of 4 in 2 x 0.5 s
