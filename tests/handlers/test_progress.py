from __future__ import annotations

import io
import logging

import pytest

from monai_seg.handlers import Progress, Throughput
from monai_seg.handlers import progress as module


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def listen(caplog):
    caplog.set_level(logging.INFO, "monai_seg")


@pytest.mark.parametrize("first", ["progress", "validation"])
def test_one_line_per_epoch_after_its_validation(tiny_run, caplog, first):
    run = tiny_run(3, scores=[0.5, 0.75, 0.25])
    progress = Progress(run.evaluator, run.optimizer)
    for handler in (progress, run.validation) if first == "progress" else (run.validation, progress):
        handler.attach(run.trainer)
    run.trainer.run()
    assert [r.message for r in caplog.records if r.name == module.__name__] == [
        "epoch 1/3  loss 1.500  val_dice 0.500  lr 1e-1  best 0.500 (epoch 1)",
        "epoch 2/3  loss 3.500  val_dice 0.750  lr 1e-1  best 0.750 (epoch 2)",
        "epoch 3/3  loss 5.500  val_dice 0.250  lr 1e-1  best 0.750 (epoch 2)",
    ]


def test_without_validation_and_with_named_metrics(tiny_run, caplog):
    run = tiny_run(2, scores=[0.5], interval=2)
    Progress(run.evaluator, metrics=["val_missing", "val_dice"]).attach(run.trainer)
    run.validation.attach(run.trainer)
    run.trainer.run()
    assert [r.message for r in caplog.records if r.name == module.__name__] == [
        "epoch 1/2  loss 1.500",
        "epoch 2/2  loss 3.500  val_dice 0.500  best 0.500 (epoch 2)",
    ]


def test_a_long_epoch_gives_signs_of_life(tiny_run, caplog, monkeypatch):
    clock = iter(range(0, 10_000, 20))  # each look at the clock takes 20 s
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    run = tiny_run(2)
    Progress(log_every_s=30).attach(run.trainer)
    run.resume_after(epoch=1)  # 2 batches are left
    run.trainer.run()
    messages = [r.message for r in caplog.records if r.name == module.__name__]
    # looks: start 0, epoch 20 (next line at 50), batch 40, batch 60 -> line; 80 sets the next, 100 gives the pace
    assert messages == ["epoch 2/2  loss 3.500  batch 2/2  0 s to go", "epoch 2/2  loss 3.500"]


def test_the_time_to_go_is_that_of_the_batches_left(tiny_run, monkeypatch):
    run = tiny_run(10)  # 20 batches
    progress = Progress()
    progress._start_s, progress._start_iteration = 1000.0, 4  # resumed after 2 epochs
    run.trainer.state.iteration = 8
    monkeypatch.setattr(module, "perf_counter", lambda: 1040.0)
    assert progress._eta_s(run.trainer) == pytest.approx(40 / (8 - 4) * (20 - 8))


def test_a_run_bounded_by_time_tells_the_time_and_no_number_of_epochs(tiny_run, caplog):
    run = tiny_run(10_000)
    run.trainer.state.left_s = 90.0
    Progress(log_every_s=-1).attach(run.trainer)
    run.trainer.add_event_handler(module.Events.EPOCH_COMPLETED(once=1), run.trainer.terminate)
    run.trainer.run()
    messages = [r.message for r in caplog.records if r.name == module.__name__]
    assert messages[0].startswith("epoch 1  loss ") and messages[0].endswith("batch 1/2  2 min to go")
    assert messages[-1].startswith("epoch 1/10000  loss ")  # its end; by then Annealing knows how many there will be


def test_on_a_terminal_a_bar_runs_and_the_line_stays(tiny_run, monkeypatch, caplog):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    run = tiny_run(2, scores=[0.5, 0.6])
    Throughput().attach(run.trainer)
    Progress(run.evaluator, run.optimizer).attach(run.trainer)
    run.validation.attach(run.trainer)
    run.trainer.run()
    screen = terminal.getvalue()
    assert "Epoch [2/2]: [1/2]  50%" in screen and "loss=3.000" in screen and "img/s=" in screen
    assert "Validation [2/2]: [1/1] 100%" in screen
    lines = [line for line in screen.split("\n") if "best" in line]
    assert len(lines) == 2 and "loss 1.500  val_dice 0.500" in lines[0] and "best 0.600 (epoch 2)" in lines[1]
    assert not [r for r in caplog.records if r.name == module.__name__]


def test_another_process_is_quiet(tiny_run, monkeypatch, caplog):
    monkeypatch.setenv("RANK", "1")
    run = tiny_run(1)
    Progress().attach(run.trainer)
    run.trainer.run()
    assert not [r for r in caplog.records if r.name == module.__name__]
