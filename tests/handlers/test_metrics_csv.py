from __future__ import annotations

import csv
import logging

import pytest

from monai_seg.errors import InputError
from monai_seg.handlers import MetricsCsv


def read(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def attach(run, tmp_path):
    MetricsCsv(tmp_path, run.evaluator, run.optimizer).attach(run.trainer)


@pytest.mark.parametrize("first", ["validation", "csv"])
def test_a_row_holds_the_validation_of_its_epoch_whoever_was_attached_first(tiny_run, tmp_path, first):
    run = tiny_run(3, scores=[0.5, 0.25, 0.75])
    if first == "validation":
        run.validation.attach(run.trainer)
    attach(run, tmp_path)
    if first == "csv":
        run.validation.attach(run.trainer)
    run.trainer.run()
    rows = read(tmp_path / "metrics.csv")
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert [row["iteration"] for row in rows] == ["2", "4", "6"]
    assert [float(row["train_loss"]) for row in rows] == [(1 + 2) / 2, (3 + 4) / 2, (5 + 6) / 2]
    assert [row["val_dice"] for row in rows] == ["0.5", "0.25", "0.75"]


def test_the_cell_of_an_epoch_without_validation_is_empty(tiny_run, tmp_path):
    run = tiny_run(3, scores=[0.5], interval=2)
    attach(run, tmp_path)
    run.validation.attach(run.trainer)
    run.trainer.run()
    assert [row["val_dice"] for row in read(tmp_path / "metrics.csv")] == ["", "0.5", ""]


def test_the_rate_is_the_one_the_epoch_was_trained_with(tiny_run, tmp_path):
    run = tiny_run(3)
    run.halve_rate_after_each_epoch()
    attach(run, tmp_path)
    run.trainer.run()
    assert [row["learning_rate"] for row in read(tmp_path / "metrics.csv")] == ["0.1", "0.05", "0.025"]


def test_an_evaluation_after_training_changes_no_row(tiny_run, tmp_path):
    run = tiny_run(1, scores=[0.5, 0.9])
    attach(run, tmp_path)
    run.validation.attach(run.trainer)
    run.trainer.run()
    run.evaluator.run()
    assert run.evaluator.state.metrics["val_dice"] == 0.9
    assert [row["val_dice"] for row in read(tmp_path / "metrics.csv")] == ["0.5"]


def test_a_resumed_run_repeats_later_epochs_and_keeps_earlier_ones(tiny_run, tmp_path, caplog):
    before = tiny_run(3, scores=[0.1, 0.2, 0.3])
    attach(before, tmp_path)
    before.validation.attach(before.trainer)
    before.trainer.run()
    kept = (tmp_path / "metrics.csv").read_text().splitlines()[:3]
    resumed = tiny_run(4, scores=[0.7, 0.8])
    attach(resumed, tmp_path)
    resumed.validation.attach(resumed.trainer)
    resumed.resume_after(epoch=2)  # the third epoch's checkpoint was not saved any more
    with caplog.at_level(logging.WARNING, "monai_seg"):
        resumed.trainer.run()
    lines = (tmp_path / "metrics.csv").read_text().splitlines()
    assert lines[:3] == kept
    rows = read(tmp_path / "metrics.csv")
    seen = [(row["epoch"], row["iteration"], row["val_dice"]) for row in rows[2:]]
    assert seen == [("3", "6", "0.7"), ("4", "8", "0.8")]
    assert "goes on from epoch 2; 1 rows of later epochs are dropped" in caplog.text


def test_the_clock_of_a_resumed_run_goes_on(tiny_run, tmp_path):
    header = "epoch,iteration,seconds,train_loss,learning_rate,images_per_second\n"
    (tmp_path / "metrics.csv").write_text(header + "1,2,5000.0,1.5,0.1,\n")
    run = tiny_run(2)
    attach(run, tmp_path)
    run.resume_after(epoch=1)
    run.trainer.run()
    assert 5000 <= float(read(tmp_path / "metrics.csv")[1]["seconds"]) < 5060


def test_a_new_run_starts_a_new_file(tiny_run, tmp_path):
    for epochs in (3, 1):
        run = tiny_run(epochs)
        attach(run, tmp_path)
        run.trainer.run()
    assert [row["epoch"] for row in read(tmp_path / "metrics.csv")] == ["1"]


def test_a_metric_that_appears_later_gets_a_column(tiny_run, tmp_path):
    run = tiny_run(2, scores=[0.5, 0.6])
    attach(run, tmp_path)
    run.validation.attach(run.trainer)
    run.evaluator.add_event_handler(
        "EPOCH_COMPLETED",
        lambda engine: engine.state.metrics.update({"val_late": 1.0} if engine.state.epoch == 2 else {}),
    )
    run.trainer.run()
    assert [row["val_late"] for row in read(tmp_path / "metrics.csv")] == ["", "1"]


@pytest.mark.parametrize("text, cause", [
    ("a,b\n1,2\n", "has no columns epoch, iteration"),
    ("epoch,iteration,seconds,train_loss,learning_rate,images_per_second\nx,2,1.0,1,1,1\n", "line 2 has no epoch"),
])  # fmt: skip
def test_a_foreign_file_is_refused_and_stays(tiny_run, tmp_path, text, cause):
    (tmp_path / "metrics.csv").write_text(text)
    run = tiny_run(2)
    attach(run, tmp_path)
    run.resume_after(epoch=1)
    with pytest.raises(InputError, match=cause):
        run.trainer.run()
    assert (tmp_path / "metrics.csv").read_text() == text


def test_another_process_writes_nothing(tiny_run, tmp_path, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    run = tiny_run(1)
    attach(run, tmp_path)
    run.trainer.run()
    assert list(tmp_path.iterdir()) == []
