from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ignite.engine import Engine
from sklearn.metrics import f1_score
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

from monai_seg.handlers import TensorBoardCurves
from monai_seg.handlers import tensorboard_curves as module
from monai_seg.metrics.threshold_counts import THRESHOLDS


def validated(outputs: list[dict[str, Any]], folder: Path, **options: Any) -> EventAccumulator:
    """The events of a validation whose steps give ``outputs``."""
    handler = TensorBoardCurves(log_dir=folder, **options)
    engine = Engine(lambda _, output: output)
    handler.attach(engine)
    engine.run(outputs)
    events = EventAccumulator(str(folder))
    if outputs and folder.exists():
        handler._summary.writer.close()
        events.Reload()
    return events


def curve(events: EventAccumulator, name: str) -> np.ndarray:
    """Rows tp, fp, tn, fn, precision, recall."""
    [event] = events.Tensors(f"precision_recall/{name}")
    return make_ndarray(event.tensor_proto)


def sigmoid_batch(seed: int = 0) -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    return {"logits": torch.randn(2, 1, 4, 4, generator=random), "pred": torch.zeros(2, 1, 4, 4),
            "label": torch.randint(0, 2, (2, 1, 4, 4), generator=random)}


def test_a_sigmoid_s_pixels_of_all_batches_make_one_curve(tmp_path: Path) -> None:
    outputs = [sigmoid_batch(0), sigmoid_batch(1)]
    events = validated(outputs, tmp_path, class_names=["background", "lesion"])
    tp, fp, tn, fn, precision, recall = curve(events, "lesion")
    truth = torch.cat([output["label"] for output in outputs]).numpy().ravel() > 0
    probability = torch.cat([output["logits"].sigmoid() for output in outputs]).numpy().ravel()
    assert (tp[0], fp[0], tn[0], fn[0]) == (truth.sum(), (~truth).sum(), 0, 0)
    assert recall[0] == 1 and precision[0] == pytest.approx(truth.mean())
    half = (THRESHOLDS - 1) // 2
    assert tp[half] == (truth & (probability >= 0.5)).sum()
    [best], [dice] = events.Scalars("thresholds/best_lesion"), events.Scalars("thresholds/dice_lesion")
    found = np.floor(probability * np.float32(THRESHOLDS - 1)) >= round(best.value * (THRESHOLDS - 1))
    assert dice.value == pytest.approx(f1_score(truth, found), abs=1e-6)
    assert (best.step, dice.step) == (1, 1)
    assert events.Images("thresholds/curves")[0].width > 400
    assert list(events.PluginTagToContent("pr_curves")) == ["precision_recall/lesion"]


def test_each_class_of_a_softmax_but_the_background_has_a_curve_where_it_is_shown(tmp_path: Path) -> None:
    label = torch.tensor([[[[0, 1], [1, 0]]]])  # nothing of class 2
    logits = torch.nn.functional.one_hot(label[:, 0], 3).movedim(-1, 1) * 9.0
    events = validated([{"logits": logits, "label": label, "pred": label}], tmp_path, class_names=["b", "lung", "x"])
    assert list(events.PluginTagToContent("pr_curves")) == ["precision_recall/lung"]
    assert events.Scalars("thresholds/dice_lung")[0].value == 1


def test_images_of_a_classifier_are_counted_for_every_class(tmp_path: Path) -> None:
    output = {"pred": torch.tensor([[3.0, 0.0], [0.0, 3.0], [0.0, 3.0]]), "label": torch.tensor([0, 1, 0])}
    events = validated([output], tmp_path)
    assert sorted(events.PluginTagToContent("pr_curves")) == ["precision_recall/class 0", "precision_recall/class 1"]
    assert curve(events, "class 0")[0, 0] == 2 and curve(events, "class 1")[0, 0] == 1


def test_masks_count_where_the_network_gives_classes_too(tmp_path: Path) -> None:
    output = sigmoid_batch()
    plain = curve(validated([output], tmp_path / "plain"), "class 1")
    both = {**output, "logits": (output["logits"], torch.zeros(2, 4))}
    assert np.array_equal(curve(validated([both], tmp_path / "both"), "class 1"), plain)


def test_other_processes_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = curve(validated([sigmoid_batch()], tmp_path / "alone"), "class 1")
    monkeypatch.setattr(module, "of_all", lambda part: [part, {}, part])
    three = curve(validated([sigmoid_batch()], tmp_path / "three"), "class 1")
    assert np.array_equal(three[:4], 2 * alone[:4]) and np.array_equal(three[4:], alone[4:])


def test_a_validation_without_any_lesion_writes_nothing(tmp_path: Path) -> None:
    validated([{**sigmoid_batch(), "label": torch.zeros(2, 1, 4, 4)}], tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_size > 100]
