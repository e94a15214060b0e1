from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import classification_report as by_scikit_learn
from sklearn.metrics import confusion_matrix

from monai_seg.metrics.classification import class_scores, classification_report, macro


@pytest.mark.parametrize("seed", range(5))
def test_the_report_is_scikit_learn_s(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth, found = random.integers(4, size=40), random.integers(3, size=40)  # class 3 is never predicted
    expected = by_scikit_learn(truth, found, output_dict=True, zero_division=0)
    report = {row.pop("class"): row for row in
              classification_report(confusion_matrix(truth, found), ["0", "1", "2", "3"])}
    assert report["accuracy"]["f1"] == pytest.approx(expected["accuracy"])
    for name in ("0", "1", "2", "3", "macro avg", "weighted avg"):
        theirs = {**expected[name], "f1": expected[name]["f1-score"]}
        assert report[name] == pytest.approx({key: theirs[key] for key in ("precision", "recall", "f1", "support")})


def test_a_class_that_is_never_predicted_costs_and_one_that_is_nowhere_does_not() -> None:
    matrix = np.array([[5, 0, 0], [5, 0, 0], [0, 0, 0]])
    scores = class_scores(matrix)
    assert scores["precision"][:2].tolist() == [0.5, 0] and math.isnan(scores["precision"][2])
    assert float(macro(scores["f1"])) == pytest.approx((2 / 3 + 0) / 2)
    assert scores["accuracy"] == 0.5


def test_no_image_at_all_has_no_score() -> None:
    scores = class_scores(np.zeros((2, 2)))
    assert math.isnan(scores["accuracy"]) and math.isnan(macro(scores["f1"]))


def test_f1_of_pixels_is_dice() -> None:
    from monai_seg.metrics.confusion import counts_of
    from monai_seg.metrics.overlap import overlap_scores

    matrix = np.random.default_rng(0).integers(1, 50, (4, 4))
    assert class_scores(matrix)["f1"] == pytest.approx(overlap_scores(counts_of(matrix))["dice"])
