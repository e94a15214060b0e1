from __future__ import annotations

import pytest
import torch
from sklearn.metrics import precision_recall_fscore_support

from monai_seg.errors import InputError
from monai_seg.metrics.classification import CLASS_SCORES
from monai_seg.metrics.macro_score import MacroScore


def score_of(name: str, pred: torch.Tensor, label: torch.Tensor, classes: int, batch: int = 5) -> float:
    metric = MacroScore(name, classes)
    for start in range(0, len(label), batch):
        metric.update((pred[start : start + batch], label[start : start + batch]))
    return metric.compute()


@pytest.mark.parametrize("seed", range(20))
def test_scores_are_scikit_learn_s(seed: int) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(23, 4, generator=random)
    label = torch.randint(0, 4, (23,), generator=random)
    expected = precision_recall_fscore_support(label, logits.argmax(1), average="macro", zero_division=0.0)
    assert [score_of(name, logits, label, 4) for name in CLASS_SCORES] == pytest.approx(expected[:3], abs=1e-9)


def test_a_class_that_is_nowhere_is_left_out_and_one_never_predicted_costs() -> None:
    logits = torch.eye(4)[[0, 0, 1, 1]]
    label = torch.tensor([0, 0, 1, 2])  # class 3 is nowhere, 2 is never predicted
    # F1 of 0: 1, of 1: 2*1/(2*1+1) = 2/3, of 2: 0
    assert score_of("f1", logits, label, 4) == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_another_score_is_refused() -> None:
    with pytest.raises(InputError, match="score: 'auc' is no choice; choose one of precision, recall, f1"):
        MacroScore("auc", 3)
