from __future__ import annotations

import logging

from PIL import Image

from monai_seg.handlers import LearningCurves, MetricsCsv
from monai_seg.handlers import learning_curves as module


def attach(run, tmp_path, **options):
    run.validation.attach(run.trainer)
    MetricsCsv(tmp_path, run.evaluator, run.optimizer).attach(run.trainer)
    LearningCurves(tmp_path, **options).attach(run.trainer)


def test_the_end_of_training_leaves_a_picture(tiny_run, tmp_path):
    run = tiny_run(2, scores=[0.5, 0.6])
    attach(run, tmp_path)
    run.trainer.run()
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.format == "PNG" and min(picture.size) > 500


def test_a_failing_picture_costs_a_warning_and_no_run(tiny_run, tmp_path, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("out of ink")

    monkeypatch.setattr(module, "draw_curves", fail)
    run = tiny_run(2, scores=[0.5, 0.6])
    attach(run, tmp_path)
    with caplog.at_level(logging.WARNING, "monai_seg"):
        run.trainer.run()
    assert run.trainer.state.epoch == 2
    assert caplog.messages == ["curves.png is not drawn: RuntimeError: out of ink"]


def test_it_draws_while_training_runs_but_not_more_often_than_told(tiny_run, tmp_path, monkeypatch):
    drawn, clock = [], iter([0.0, 50.0, 100.0, 100.0, 150.0])  # start; epoch 1; epoch 2, after its drawing; epoch 3
    run = tiny_run(3, scores=[0.5, 0.6, 0.7])
    monkeypatch.setattr(module, "draw_curves", lambda *_, **__: drawn.append(run.trainer.state.epoch))
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    LearningCurves(tmp_path, interval_s=100.0).attach(run.trainer)
    run.trainer.run()
    assert drawn == [2, 3]  # epoch 3: the end of training


def test_an_exception_in_training_still_comes_through(tiny_run, tmp_path):
    import pytest
    from ignite.engine import Events

    run = tiny_run(1, scores=[0.5])
    attach(run, tmp_path)

    @run.trainer.on(Events.ITERATION_COMPLETED)
    def crash():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run.trainer.run()
