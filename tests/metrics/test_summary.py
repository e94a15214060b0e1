from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from monai.metrics import DiceMetric

from monai_seg.metrics.case_measures import Cases, measure_case, stack_cases
from monai_seg.metrics.summary import Score, summarise


def mask(*rows: str) -> torch.Tensor:
    return torch.tensor([[int(pixel) for pixel in row] for row in rows])[None]


EMPTY, SOME, MORE = mask("000", "000"), mask("110", "100"), mask("010", "111")  # 3 and 4 pixels, 2 shared
FIVE = [(EMPTY, EMPTY), (SOME, EMPTY), (EMPTY, SOME), (SOME, SOME), (MORE, SOME)]  # prediction, truth


def measured(pairs: list, classes: int = 2, **options) -> Cases:
    return stack_cases([measure_case(f"{i}.png", *pair, classes, **options) for i, pair in enumerate(pairs)])


def by_name(cases: Cases, classes: int = 2) -> dict[str, Score]:
    return {score.name: score for score in summarise(cases, [str(k) for k in range(classes)], resamples=200)}


def test_the_summary_by_hand() -> None:
    scores = by_name(measured(FIVE))
    diagonal = 13**0.5
    expected = {
        "images": 5, "images_positive": 3,
        "dice": (1 + 0 + 0 + 1 + 4 / 7) / 5, "dice_positive": (0 + 1 + 4 / 7) / 3,
        "iou": (1 + 0 + 0 + 1 + 2 / 5) / 5, "iou_positive": (0 + 1 + 2 / 5) / 3,
        "false_alarm_rate": 1 / 2, "miss_rate": 1 / 3,
        "image_precision": 2 / 3, "image_recall": 2 / 3, "image_f1": 2 * 2 / (2 * 2 + 1 + 1), "image_accuracy": 3 / 5,
        "recall": (0 + 1 + 2 / 3) / 3, "precision": (0 + 1 + 2 / 4) / 3,
        "dice_pooled": 2 * 5 / (2 * 5 + 5 + 4), "recall_pooled": 5 / 9, "precision_pooled": 5 / 10,
        "hd95": (0 + scores["hd95_penalised"].value * 5 - 2 * diagonal) / 2,
        "area_error_px": (0 + 3 + 3 + 0 + 1) / 5, "area_error": (1 + 0 + 1 / 3) / 3,
    }  # fmt: skip
    assert {name: scores[name].value for name in expected} == pytest.approx(expected)


def test_what_is_undefined_stands_beside() -> None:
    scores = by_name(measured(FIVE))
    assert (scores["hd95"].count, scores["hd95"].undefined) == (2, 3)  # both empty, false alarm, miss
    assert (scores["hd95_positive"].count, scores["hd95_positive"].undefined) == (2, 1)  # the miss alone
    assert (scores["hd95_penalised"].count, scores["hd95_penalised"].undefined) == (5, 0)
    assert (scores["recall"].count, scores["recall"].undefined) == (3, 2)


def test_a_miss_never_looks_like_perfection() -> None:
    """MONAI's HD95 of a missed lesion beside a perfect one is 0."""
    perfect, one_missed = by_name(measured([(SOME, SOME)] * 2)), by_name(measured([(EMPTY, SOME), (SOME, SOME)]))
    assert perfect["hd95_positive"].value == one_missed["hd95_positive"].value == 0
    assert (perfect["hd95_positive"].undefined, one_missed["hd95_positive"].undefined) == (0, 1)
    for name in ("dice", "dice_positive", "iou_positive", "recall", "surface_dice_positive", "image_recall"):
        assert one_missed[name].value < perfect[name].value, name
    assert one_missed["hd95_penalised"].value > 0


def test_a_false_alarm_on_every_healthy_image_shows() -> None:
    """MONAI's DiceMetric() gives 1 for that."""
    scores = by_name(measured([(SOME, SOME), (SOME, EMPTY), (SOME, EMPTY)]))
    assert scores["dice_positive"].value == 1
    assert (scores["dice"].value, scores["false_alarm_rate"].value) == (pytest.approx(1 / 3), 1)


def test_the_two_dices_are_those_that_training_reports() -> None:
    random = np.random.default_rng(0)
    pairs = [(torch.tensor(random.integers(3, size=(1, 6, 5))), torch.tensor(random.integers(3, size=(1, 6, 5))))
             for _ in range(6)]  # fmt: skip
    pairs += [(pairs[0][0], torch.zeros(1, 6, 5, dtype=torch.int64)), (pairs[0][0], pairs[1][1].clamp(max=1))]
    scores = by_name(measured(pairs, 3), 3)
    for name, ignore_empty in (("dice", False), ("dice_positive", True)):
        metric = DiceMetric(include_background=False, num_classes=3, ignore_empty=ignore_empty)
        for pred, label in pairs:
            metric(pred[None], label[None])
        assert scores[name].value == pytest.approx(metric.aggregate().item(), abs=1e-6)


def test_several_classes_have_scores_of_their_own() -> None:
    label, pred = mask("012", "012"), mask("012", "011")
    scores = by_name(measured([(pred, label)], 3), 3)
    assert (scores["dice_1"].value, scores["dice_2"].value) == (pytest.approx(4 / 5), pytest.approx(2 / 3))
    assert scores["dice"].value == scores["dice_pooled"].value == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert (scores["accuracy"].value, scores["accuracy_1"].value) == (pytest.approx(5 / 6), pytest.approx(5 / 6))


def test_sizes_of_lesions() -> None:
    one, two, three = mask("100", "000"), mask("110", "000"), mask("111", "000")
    scores = by_name(measured([(one, one), (EMPTY, two), (one, three), (EMPTY, EMPTY)]))
    assert [scores[f"dice_{size}"].value for size in ("small", "medium", "large")] == [1, 0, pytest.approx(2 / 4)]
    assert (scores["small_max_area_px"].value, scores["medium_max_area_px"].value) == (1, 2)
    assert [scores[f"images_{size}"].value for size in ("small", "medium", "large")] == [1, 1, 1]
    assert [scores[f"miss_rate_{size}"].value for size in ("small", "medium", "large")] == [0, 1, 0]
    assert [scores[f"recall_{size}"].value for size in ("small", "medium", "large")] == [1, 0, pytest.approx(1 / 3)]
    assert (scores["hd95_medium"].count, scores["hd95_medium"].undefined) == (0, 1), "the miss has no distance"
    assert scores["hd95_penalised_medium"].value == pytest.approx(13**0.5)
    low, high = scores["dice_small"].low, scores["dice_small"].high
    assert (low, high) == (1, 1), "of draws that have one"


def test_each_class_has_sizes_of_its_own() -> None:
    pairs = [(mask("110", "222"), mask("110", "222")), (mask("000", "220"), mask("111", "220"))]
    scores = by_name(measured(pairs, 3), 3)
    assert (scores["small_max_area_px_1"].value, scores["small_max_area_px_2"].value) == (2, 2)
    assert (scores["dice_small_1"].value, scores["dice_medium_1"].value) == (1, 0)
    assert (scores["miss_rate_small_1"].value, scores["miss_rate_medium_1"].value) == (0, 1)
    assert (scores["dice_small_2"].value, scores["images_small_2"].value) == (1, 1)
    assert scores["dice_small"].value == pytest.approx((1 + (0 + 1) / 2) / 2), "5 px each: both are small"


@pytest.mark.parametrize("pairs", [[(EMPTY, EMPTY)], [(EMPTY, EMPTY)] * 4, [(SOME, SOME)], [(EMPTY, SOME)],
                                   [(SOME, EMPTY)]])  # fmt: skip
def test_one_image_and_all_empty_ones_are_defined(pairs: list) -> None:
    scores = by_name(measured(pairs, prob=torch.rand(1, 2, 3), class_truth=0, class_probability=[0.6, 0.4]))
    for score in scores.values():
        assert (score.low is None) == (score.high is None)
        if score.low is not None and score.high is not None and not math.isnan(score.value):
            assert score.low == pytest.approx(score.value) and score.high == pytest.approx(score.value)
    truth_is_empty = not pairs[0][1].any()
    assert not math.isnan(scores["dice"].value)
    assert math.isnan(scores["dice_positive"].value) == truth_is_empty == math.isnan(scores["miss_rate"].value)


def test_intervals_hold_the_value_and_the_seed_decides_them() -> None:
    random = np.random.default_rng(1)
    pairs = [(torch.tensor(random.integers(2, size=(1, 4, 4))), torch.tensor(random.integers(2, size=(1, 4, 4))))
             for _ in range(30)]  # fmt: skip
    cases = measured(pairs, prob=torch.rand(1, 4, 4))
    first = summarise(cases, ["0", "1"], resamples=300)
    for score in first:
        if score.low is not None and score.high is not None and not math.isnan(score.value):
            assert score.low <= score.value <= score.high, score.name
    assert str(first) == str(summarise(cases, ["0", "1"], resamples=300))
    assert str(first) != str(summarise(cases, ["0", "1"], resamples=300, seed=1))


def test_the_order_of_cases_does_not_matter() -> None:
    forth, back = by_name(measured(FIVE)), by_name(measured(FIVE[::-1]))
    assert {name: score.value for name, score in forth.items()} == pytest.approx(
        {name: score.value for name, score in back.items()}, nan_ok=True)  # fmt: skip


def test_probabilities_add_calibration_and_image_auc() -> None:
    sure = stack_cases([measure_case(f"{i}.png", label, label, 2, prob=label.float())
                        for i, label in enumerate((EMPTY, SOME))])  # fmt: skip
    scores = by_name(sure)
    assert (scores["ece"].value, scores["image_auc"].value) == (0, 1)
    assert "ece" not in by_name(measured(FIVE))


def test_a_class_branch_adds_its_scores() -> None:
    cases = stack_cases([measure_case(f"{i}.png", EMPTY, EMPTY, 2, class_truth=truth, class_probability=prob)
                         for i, (truth, prob) in enumerate([(0, [0.9, 0.1]), (1, [0.6, 0.4]), (1, [0.2, 0.8]),
                                                            (None, [0.2, 0.8])])])  # fmt: skip
    scores = by_name(cases)
    assert (scores["class_accuracy"].value, scores["class_auc"].value) == (pytest.approx(2 / 3), 1)
    assert (scores["class_accuracy"].count, scores["class_accuracy"].undefined) == (3, 1)
    assert scores["class_f1"].value == pytest.approx((2 / 3 + 2 / 3) / 2) == scores["class_f1_0"].value
    assert scores["class_recall_1"].value == 1 / 2
    # 0.9 right, 0.6 wrong, 0.8 right, each in a bin of its own
    assert scores["class_ece"].value == pytest.approx((0.1 + 0.6 + 0.2) / 3)
