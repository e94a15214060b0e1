from __future__ import annotations

import pytest

from monai_seg.handlers import TensorBoardScalars, Throughput


class RecordingWriter:
    """Stands for torch's SummaryWriter."""

    def __init__(self):
        self.scalars = []
        self.flushed_at = 0

    def add_scalar(self, tag, value, step, walltime=None):
        self.scalars.append((tag, value, step))

    def flush(self):
        self.flushed_at = len(self.scalars)

    def of(self, tag):
        return [(step, value) for name, value, step in self.scalars if name == tag]


def test_scalars_of_a_run(tiny_run):
    run, writer = tiny_run(2, scores=[0.25, 0.75]), RecordingWriter()
    run.halve_rate_after_each_epoch()
    Throughput().attach(run.trainer)
    TensorBoardScalars(writer, evaluator=run.evaluator, optimizer=run.optimizer).attach(run.trainer)
    run.validation.attach(run.trainer)
    run.trainer.run()
    assert writer.of("train/loss") == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert writer.of("train/learning_rate") == [(1, 0.1), (2, 0.1), (3, 0.05), (4, 0.05)]
    assert writer.of("val/val_dice") == [(1, 0.25), (2, 0.75)]
    assert [step for step, _ in writer.of("train/images_per_second")] == [1, 2]
    assert all(0 <= share <= 1 for _, share in writer.of("train/data_wait_share"))
    assert writer.flushed_at == len(writer.scalars)


def test_steps_go_on_after_a_resume(tiny_run):
    run, writer = tiny_run(3, scores=[0.5]), RecordingWriter()
    TensorBoardScalars(writer, evaluator=run.evaluator).attach(run.trainer)
    run.validation.attach(run.trainer)
    run.resume_after(epoch=2)
    run.trainer.run()
    assert writer.of("train/loss") == [(5, 5), (6, 6)]
    assert writer.of("val/val_dice") == [(3, 0.5)]


def test_the_event_file_can_be_read_back(tiny_run, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = tiny_run(2)
    handler = TensorBoardScalars(log_dir=tmp_path)
    handler.attach(run.trainer)
    assert list(tmp_path.iterdir()) == []  # nothing before the first scalar
    run.trainer.run()
    handler._summary.writer.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("train/loss")] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_it_needs_a_place_to_write_to():
    with pytest.raises(ValueError, match="summary_writer or log_dir"):
        TensorBoardScalars()
