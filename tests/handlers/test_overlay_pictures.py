from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.engines import SupervisedEvaluator

from monai_seg.figures import captioned_overlay
from monai_seg.handlers import OverlayPictures

CASES = 10
LESIONS = (1, 4, 5, 7)


class RecordingWriter:
    def __init__(self):
        self.images = {}

    def add_image(self, tag, picture, step, dataformats):
        assert dataformats == "HWC"
        self.images[tag, step] = picture

    def flush(self):
        pass


def case(index):
    generator = torch.Generator().manual_seed(index)
    image = torch.randint(0, 256, (1, 16, 24), generator=generator, dtype=torch.uint8)
    label = torch.zeros(1, 16, 24, dtype=torch.uint8)
    label[:, 2:8, 3:9] = index in LESIONS
    return {"image": image, "label": label, "index": index}


def evaluator(shift=0, order=range(CASES)):
    """Predict the label moved ``shift`` pixels to the right."""
    loader = torch.utils.data.DataLoader([case(index) for index in order], batch_size=3)

    def step(engine, batch):
        return {"image": batch["image"] / 255, "label": batch["label"], "pred": batch["label"].roll(shift, -1)}

    return SupervisedEvaluator(
        torch.device("cpu"), loader, torch.nn.Identity(), iteration_update=step, decollate=False
    )


def pictures(writer, engine, epochs=(1,), **options):
    OverlayPictures([f"case_{i}" for i in range(CASES)], writer, count=4, **options).attach(engine)
    for epoch in epochs:
        engine.run(epoch)
    return writer.images


def test_the_chosen_cases_are_drawn_after_each_epoch():
    images = pictures(RecordingWriter(), evaluator(shift=2), epochs=(1, 2))
    assert set(images) == {(f"validation/case_{i}", epoch) for i in (0, 1, 4, 5) for epoch in (1, 2)}
    drawn = case(4)
    expected = captioned_overlay(drawn["image"], drawn["label"], drawn["label"].roll(2, -1), max_side_px=384)
    for epoch in (1, 2):
        np.testing.assert_array_equal(images["validation/case_4", epoch], expected)


def test_the_choice_does_not_depend_on_the_loaders_order_or_on_a_resume():
    first = pictures(RecordingWriter(), evaluator(), epochs=(1, 2, 3))
    resumed = pictures(RecordingWriter(), evaluator(order=list(reversed(range(CASES)))), epochs=(3,))
    assert {tag for tag, _ in first} == {tag for tag, _ in resumed}
    np.testing.assert_array_equal(first["validation/case_4", 3], resumed["validation/case_4", 3])


def test_the_step_can_be_a_trainers_epoch(tiny_run):
    trainer = tiny_run(1).trainer
    trainer.state.epoch = 17
    assert {step for _, step in pictures(RecordingWriter(), evaluator(), trainer=trainer)} == {17}


def test_a_float_image_beyond_1_is_stretched():
    engine = evaluator()
    engine.add_event_handler(
        "ITERATION_STARTED", lambda e: e.state.batch.update(image=e.state.batch["image"] * 3.0 - 9)
    )
    stretched = pictures(RecordingWriter(), engine)["validation/case_4", 1]
    plain = pictures(RecordingWriter(), evaluator())["validation/case_4", 1]
    low, high = int(case(4)["image"].min()), int(case(4)["image"].max())
    assert (low, high) == (0, 255)  # so that stretching is the identity
    np.testing.assert_array_equal(stretched, plain)


def test_pictures_reach_an_event_file(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    handler = OverlayPictures([f"case_{i}" for i in range(CASES)], log_dir=tmp_path, count=1)
    engine = evaluator()
    handler.attach(engine)
    engine.run(5)
    handler._summary.writer.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    (image,) = events.Images("validation/case_1")
    assert image.step == 5 and image.width > 4 * 24


@pytest.mark.parametrize("spoil, cause", [
    (lambda e: e.state.batch.pop("index"), "the batch lacks index; it has image, label"),
    (lambda e: e.state.batch.update(index=torch.tensor([0, 1, CASES])), "index 10 has no name"),
    (lambda e: setattr(e.state, "batch", [e.state.batch]), "decollate: false"),
])  # fmt: skip
def test_data_of_another_form_are_refused(spoil, cause):
    engine = evaluator()
    engine.add_event_handler("ITERATION_COMPLETED", spoil)
    with pytest.raises(ValueError, match=cause):
        pictures(RecordingWriter(), engine)


def test_names_must_differ():
    with pytest.raises(ValueError, match="repeated: a"):
        OverlayPictures(["a", "b", "a"], log_dir="unused")
