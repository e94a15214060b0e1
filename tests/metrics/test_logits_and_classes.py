import pytest
import torch
from ignite.engine import Engine
from ignite.metrics import Accuracy

from monai_seg.metrics import logits_and_classes


def accuracy(output: dict) -> float:
    engine = Engine(lambda engine, batch: output)
    Accuracy(output_transform=logits_and_classes).attach(engine, "accuracy")
    return engine.run([0]).metrics["accuracy"]


def test_several_classes_take_the_highest_logit():
    logits = torch.tensor([[[[1.0, 0.0]], [[0.0, 2.0]], [[0.0, 3.0]]]])  # classes 0 and 2
    assert accuracy({"pred": logits, "label": torch.tensor([[[[0.0, 1.0]]]])}) == pytest.approx(1 / 2)


def test_one_channel_is_cut_at_a_probability_of_one_half():
    logits = torch.tensor([[[[-1.0, 1.0, 0.2, -0.2]]]])
    assert accuracy({"pred": logits, "label": torch.tensor([[[[0, 1, 1, 1]]]])}) == pytest.approx(3 / 4)


def test_logits_come_before_what_post_processing_left_in_pred():
    logits = torch.tensor([[[[-1.0, 1.0]]]])
    output = {"logits": logits, "pred": torch.zeros(1, 1, 1, 2), "label": torch.tensor([[[[0, 1]]]])}
    assert accuracy(output) == 1


def test_of_several_levels_the_finest_counts():
    levels = [torch.tensor([[[[3.0, 3.0]]]]), torch.tensor([[[[-3.0, -3.0]]]])]
    assert accuracy({"pred": levels, "label": torch.ones(1, 1, 1, 2)}) == 1
