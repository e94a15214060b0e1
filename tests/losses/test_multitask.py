from __future__ import annotations

import pytest
import torch
from monai.losses import DeepSupervisionLoss, DiceCELoss
from torch import nn

from monai_seg.errors import InputError
from monai_seg.losses import MultiTaskLoss

LABEL, IDS = torch.tensor([[[[1.0, 0.0]]]]), torch.tensor([2])
MASKS, CLASSES = torch.zeros(1, 1, 1, 2), torch.tensor([[0.0, 0.0, 1.0]])


def test_it_is_the_weighted_sum_of_both():
    loss = MultiTaskLoss(nn.BCEWithLogitsLoss(), nn.CrossEntropyLoss(), 2.0, 0.5)
    wanted = 2 * 0.693147 + 0.5 * 0.551445  # ln 2 at each pixel; ln(e + 2) - 1
    assert loss((MASKS, CLASSES), (LABEL, IDS)).item() == pytest.approx(wanted, abs=1e-5)


def test_a_weight_of_nothing_leaves_the_other_task():
    alone = MultiTaskLoss(nn.BCEWithLogitsLoss(), nn.CrossEntropyLoss(), 0, 1)((MASKS, CLASSES), (LABEL, IDS))
    assert alone.item() == pytest.approx(0.551445, abs=1e-5)


def test_levels_of_deep_supervision_are_taken_by_the_loss_of_masks():
    loss = MultiTaskLoss(DeepSupervisionLoss(DiceCELoss(sigmoid=True)), nn.CrossEntropyLoss())
    masks = [torch.zeros(1, 1, 8, 8, requires_grad=True), torch.zeros(1, 1, 8, 8, requires_grad=True)]
    classes = torch.zeros(1, 3, requires_grad=True)
    loss((masks, classes), (torch.ones(1, 1, 8, 8), IDS)).backward()
    assert all(part.grad is not None and part.grad.any() for part in (*masks, classes))


@pytest.mark.parametrize("weights", [(-1, 1), (0, 0)])
def test_weights_that_train_nothing_sensible_are_refused(weights: tuple[float, float]):
    with pytest.raises(InputError, match=r"^loss: weights must be 0 or more, and not both 0, got .*; give --mask_loss"):
        MultiTaskLoss(nn.BCEWithLogitsLoss(), nn.CrossEntropyLoss(), *weights)
