from __future__ import annotations

import pytest
from ignite.engine import Events

from monai_seg.errors import InputError
from monai_seg.handlers.loss_buffer import FETCH_EVERY, LossBuffer
from monai_seg.handlers.losses_csv import HEADER, LossesCsv


def attach(run, tmp_path):
    LossesCsv(tmp_path).attach(run.trainer)
    return run.trainer


def test_each_batch_has_a_row(tiny_run, tmp_path):
    attach(tiny_run(2), tmp_path).run()
    assert (tmp_path / "losses.csv").read_text() == HEADER + "1,1,1\n2,1,2\n3,2,3\n4,2,4\n"


def test_a_resumed_run_drops_what_it_repeats(tiny_run, tmp_path):
    (tmp_path / "losses.csv").write_text(HEADER + "1,1,0.1\n2,1,0.2\n3,2,0.3\n4,2,0.4\n5,3,0.")
    run = tiny_run(2)
    attach(run, tmp_path)
    run.resume_after(epoch=1)
    run.trainer.run()
    assert (tmp_path / "losses.csv").read_text() == HEADER + "1,1,0.1\n2,1,0.2\n3,2,3\n4,2,4\n"


def test_a_row_that_a_kill_cut_off_is_not_kept(tiny_run, tmp_path):
    (tmp_path / "losses.csv").write_text(HEADER + "1,1,0.1\n2,1,0.")
    run = tiny_run(2)
    attach(run, tmp_path)
    run.resume_after(epoch=1)
    run.trainer.run()
    assert (tmp_path / "losses.csv").read_text() == HEADER + "1,1,0.1\n3,2,3\n4,2,4\n"


@pytest.mark.parametrize("skip_completed", [False, True])
def test_a_run_that_is_stopped_within_an_epoch_keeps_its_losses(tiny_run, tmp_path, skip_completed):
    trainer = attach(tiny_run(2), tmp_path)
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=3), lambda: trainer.terminate(skip_completed))
    trainer.run()
    assert (tmp_path / "losses.csv").read_text() == HEADER + "1,1,1\n2,1,2\n3,2,3\n"


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", HEADER + "x,1,1\n"])
def test_a_foreign_file_is_refused_and_stays(tiny_run, tmp_path, text):
    (tmp_path / "losses.csv").write_text(text)
    run = tiny_run(2)
    attach(run, tmp_path)
    run.resume_after(epoch=1)
    with pytest.raises(InputError, match=r"losses\.csv: is no file of the columns iteration,epoch,loss; move it away"):
        run.trainer.run()
    assert (tmp_path / "losses.csv").read_text() == text


def test_a_missing_folder_is_made(tiny_run, tmp_path):
    attach(tiny_run(1), tmp_path / "runs" / "siim").run()
    assert (tmp_path / "runs" / "siim" / "losses.csv").exists()


def test_long_epochs_are_fetched_in_between(tiny_run, tmp_path):
    run = tiny_run(1)
    run.trainer.data_loader = run.trainer.data_loader * FETCH_EVERY
    run.trainer.state.epoch_length = batches = 2 * FETCH_EVERY
    waiting = []
    handler = LossesCsv(tmp_path)
    handler.attach(run.trainer)
    run.trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: waiting.append(len(handler._buffer._steps)))
    run.trainer.run()
    assert handler.epoch_losses == list(range(1, batches + 1))
    assert waiting == [k % FETCH_EVERY for k in range(1, batches + 1)]


def test_draining_an_empty_buffer_gives_nothing():
    assert LossBuffer().drain() == []
