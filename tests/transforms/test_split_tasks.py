from __future__ import annotations

import pytest
import torch

from monai_seg.metrics import both_tasks, count_images
from monai_seg.transforms import PrepareBatch, SplitTasksd

MASKS, CLASSES, LABEL, IDS = torch.rand(2, 1, 4, 4), torch.rand(2, 3), torch.ones(2, 1, 4, 4), torch.tensor([2, 0])


@pytest.mark.parametrize("pair", [tuple, list])
def test_each_task_gets_a_key_of_its_own(pair: type):
    split = SplitTasksd()({"image": 0, "pred": pair((MASKS, CLASSES)), "label": pair((LABEL, IDS))})
    assert split == {"image": 0, "pred": MASKS, "class_pred": CLASSES, "label": LABEL, "class_label": IDS}


def test_a_truth_without_class_and_none_at_all_stay():
    assert "label" not in SplitTasksd()({"pred": (MASKS, CLASSES)})
    assert SplitTasksd()({"pred": (MASKS, CLASSES), "label": LABEL})["label"] is LABEL


def test_the_loss_gets_both_together_again():
    output = {"logits": (MASKS, CLASSES), **SplitTasksd()({"pred": (MASKS, CLASSES), "label": (LABEL, IDS)})}
    pred, truth = both_tasks(output)
    assert pred == (MASKS, CLASSES) and truth == (LABEL, IDS)
    assert count_images(truth) == 2


def test_a_batch_with_class_is_prepared_as_a_pair():
    prepare = PrepareBatch(lambda batch: {"image": batch["image"] / 255}, class_key="class")
    batch = {"image": torch.full((2, 1, 4, 4), 255, dtype=torch.uint8), "label": LABEL.byte(), "class": IDS.int()}
    image, (label, ids) = prepare(batch, torch.device("cpu"))
    assert image.eq(1).all() and label.dtype == torch.float32
    assert ids.dtype == torch.int64 and ids.tolist() == [2, 0]
