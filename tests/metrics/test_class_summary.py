from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, roc_auc_score

from monai_seg.metrics.case_measures import Cases, measure_case, stack_cases
from monai_seg.metrics.class_summary import class_names_of_scores, class_statistic, image_confusions

EMPTY = torch.zeros(1, 2, 2)
RANDOM = np.random.default_rng(0)
TRUTH, PROB = RANDOM.integers(3, size=40), RANDOM.dirichlet(np.ones(3), 40)


def cases(truth: np.ndarray = TRUTH) -> Cases:
    return stack_cases([measure_case(f"{i}.png", EMPTY, EMPTY, 2, class_truth=int(t), class_probability=p)
                        for i, (t, p) in enumerate(zip(truth, PROB, strict=True))])  # fmt: skip


def test_scores_for_weights_are_scikit_learn_s() -> None:
    matrices = image_confusions(cases())
    assert matrices is not None
    weights = np.stack([np.ones(40), RANDOM.integers(0, 4, 40)]).astype(float)
    rows = class_statistic(cases(), matrices)(weights)
    for row, weight in zip(rows, weights, strict=True):
        found = dict(zip(class_names_of_scores(["a", "b", "c"]), row, strict=True))
        f1 = f1_score(TRUTH, PROB.argmax(axis=1), average=None, sample_weight=weight)
        each = [found[f"class_f1_{name}"] for name in "abc"]
        assert each == pytest.approx(f1)
        assert found["class_f1"] == pytest.approx(f1.mean())
        auc = [roc_auc_score(np.equal(TRUTH, k), PROB[:, k], sample_weight=weight) for k in range(3)]
        areas = [found[f"class_auc_{name}"] for name in "abc"]
        assert areas == pytest.approx(auc)
        assert found["class_auc"] == pytest.approx(np.mean(auc))


def test_a_class_beyond_the_branch_is_refused() -> None:
    with pytest.raises(ValueError, match="class must be below 3, the number of class probabilities, got 3"):
        image_confusions(cases(np.full(40, 3)))


def test_without_a_branch_there_is_nothing() -> None:
    assert image_confusions(stack_cases([measure_case("a.png", EMPTY, EMPTY, 2)])) is None
