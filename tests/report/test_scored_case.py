from __future__ import annotations

import math

import pytest

from monai_seg.report.scored_case import FALSE_ALARM, MISSED, POOR, WRONG_CLASS, kind_of, number, scored_cases


def row(**cells: object) -> dict[str, str]:
    return {name: str(value) for name, value in {"image": "a.png", **cells}.items()}


@pytest.mark.parametrize(("dice", "label", "pred", "failures"), [
    (1, 0, 0, ()), (0, 9, 0, (MISSED,)), (0, 0, 9, (FALSE_ALARM,)), (0.4, 9, 9, (POOR,)), (0.5, 9, 9, ()),
])
def test_how_a_case_of_one_class_fails(dice: float, label: int, pred: int, failures: tuple[str, ...]):
    (case,) = scored_cases([row(dice=dice, label_area_px=label, pred_area_px=pred)])
    assert case.failures == failures
    assert case.has_lesion == (label > 0)


def test_each_class_fails_by_itself():
    (case,) = scored_cases([row(dice=0.5, label_area_px=9, pred_area_px=9, dice_lung=1, label_area_px_lung=9,
                                pred_area_px_lung=5, dice_infection=0, label_area_px_infection=0,
                                pred_area_px_infection=4)])
    assert case.failures == ("false alarm infection",)
    assert kind_of(case.failures[0]) == FALSE_ALARM


def test_classifiers_are_ranked_by_how_sure_they_were():
    right, wrong = scored_cases([
        row(**{"class": "covid", "prediction": "covid", "probability_covid": 0.8, "probability_normal": 0.2}),
        row(**{"class": "covid", "prediction": "normal", "probability_covid": 0.1, "probability_normal": 0.9})])
    assert (right.score, right.failures) == (0.8, ())
    assert (wrong.score, wrong.failures) == (-0.9, (WRONG_CLASS,))


def test_a_mask_with_a_class_branch_may_have_the_wrong_class():
    cells = {"dice": 1, "label_area_px": 4, "pred_area_px": 4, "class": 1, "class_pred": 2}
    assert scored_cases([row(**cells)])[0].failures == (WRONG_CLASS,)
    assert scored_cases([row(**{**cells, "class_pred": 1})])[0].failures == ()


def test_a_larger_miss_is_worse():
    small, large = scored_cases([row(dice=0, label_area_px=size, pred_area_px=0) for size in (5, 50)])
    assert large.severity > small.severity


def test_rows_without_a_score_are_left_out():
    assert scored_cases([]) == [] and scored_cases([row(other=1)]) == [] and scored_cases([{"dice": "1"}]) == []
    assert scored_cases([row(dice="", label_area_px=1, pred_area_px=1)]) == []
    assert math.isnan(number("")) and math.isnan(number(None)) and math.isnan(number("x")) and number("0.5") == 0.5
