from __future__ import annotations

import numpy as np
import pytest
from reference import calibration_error
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

from monai_seg.metrics.classifier_scores import ClassifiedImages, classifier_scores, confusions

SUFFIXES = ["a", "b", "c"]


def classified(seed: int, count: int = 30, groups: int = 30) -> ClassifiedImages:
    random = np.random.default_rng(seed)
    probability = random.dirichlet([1.0] * 3, count)
    return ClassifiedImages([f"{i}.png" for i in range(count)], [str(i % groups) for i in range(count)],
                            random.integers(3, size=count), probability)


@pytest.mark.parametrize("seed", range(10))
def test_scores_are_scikit_learn_s(seed: int) -> None:
    found = classified(seed)
    scores = {score.name: score for score in classifier_scores(found, SUFFIXES, resamples=20)}
    pred = found.probability.argmax(axis=1)
    assert scores["images"].value == 30
    assert scores["accuracy"].value == pytest.approx(accuracy_score(found.truth, pred))
    assert scores["f1"].value == pytest.approx(f1_score(found.truth, pred, average="macro"))
    sure = found.probability.max(axis=1)
    assert scores["ece"].value == pytest.approx(calibration_error(sure, found.truth == pred, 15))
    assert scores["auc"].value == pytest.approx(roc_auc_score(found.truth, found.probability, multi_class="ovr"))
    for k, name in enumerate(SUFFIXES):
        assert scores[f"f1_{name}"].value == pytest.approx(f1_score(found.truth == k, pred == k))
        assert scores[f"accuracy_{name}"].value == pytest.approx(accuracy_score(found.truth == k, pred == k))
        assert scores[f"images_{name}"].value == (found.truth == k).sum()
        low, high = scores[f"accuracy_{name}"].low, scores[f"accuracy_{name}"].high
        assert low is not None and high is not None and low <= scores[f"accuracy_{name}"].value <= high


def test_intervals_repeat_and_are_those_of_groups() -> None:
    alone, grouped = classified(0, 60, 60), classified(0, 60, 4)
    widths = []
    for found in (alone, grouped, alone):
        score = next(score for score in classifier_scores(found, SUFFIXES, resamples=200) if score.name == "accuracy")
        assert score.low is not None and score.high is not None
        widths.append(score.high - score.low)
    assert widths[0] == widths[2] != widths[1]


def test_one_image_is_enough_and_undefined_is_nan() -> None:
    found = ClassifiedImages(["x"], ["x"], np.array([1]), np.array([[0.2, 0.7, 0.1]]))
    scores = {score.name: score.value for score in classifier_scores(found, SUFFIXES, resamples=5)}
    assert scores["accuracy"] == scores["f1"] == scores["f1_b"] == 1
    assert np.isnan(scores["auc"]) and np.isnan(scores["f1_a"])


def test_the_confusion_has_truth_in_rows() -> None:
    found = ClassifiedImages(["x", "y"], ["x", "y"], np.array([0, 2]), np.array([[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]))
    assert confusions(found).sum(axis=0).tolist() == [[0, 1, 0], [0, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize(("truth", "probability"), [
    ([3], [[0.2, 0.7, 0.1]]), ([-1], [[0.2, 0.7, 0.1]]), ([1], [[0.2, np.nan, 0.1]]),
])  # fmt: skip
def test_what_is_no_class_or_probability_is_refused(truth: list, probability: list) -> None:
    with pytest.raises(ValueError, match="class"):
        confusions(ClassifiedImages(["x"], ["x"], np.array(truth), np.array(probability)))
