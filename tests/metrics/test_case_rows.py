from __future__ import annotations

import math

import pytest
import torch

from monai_seg.metrics.case_measures import measure_case, stack_cases
from monai_seg.metrics.case_rows import case_rows

LABEL = torch.tensor([[[0, 1, 1, 1], [0, 0, 0, 0]]])
PRED = torch.tensor([[[0, 1, 2, 0], [0, 0, 0, 0]]])


def row(classes: int, suffixes: list[str], pred: torch.Tensor = PRED, **options) -> dict:
    return case_rows(stack_cases([measure_case("a.png", pred, LABEL, classes, **options)]), suffixes)[0]


def test_two_classes_have_one_set_of_columns() -> None:
    found = row(2, ["background", "lesion"], PRED.clamp(max=1))
    assert found["dice"] == pytest.approx(2 * 2 / (2 + 3))
    assert (found["label_area_px"], found["pred_area_px"], found["area_error"]) == (3, 2, pytest.approx(-1 / 3))
    assert (found["tp_px"], found["fp_px"], found["fn_px"], found["tn_px"]) == (2, 0, 1, 5)
    assert found["accuracy"] == 7 / 8
    assert not [name for name in found if name.endswith("_lesion")]


def test_several_classes_have_columns_of_their_own_and_a_mean() -> None:
    found = row(3, ["background", "lung", "infection"])
    assert found["dice_lung"] == pytest.approx(2 * 1 / (1 + 3))
    assert found["dice_infection"] == 0
    assert found["dice"] == pytest.approx((0.5 + 0) / 2)
    assert (found["tp_px_lung"], found["fn_px_lung"], found["fp_px_infection"]) == (1, 2, 1)
    assert found["precision"] == pytest.approx((1 + 0) / 2)
    assert math.isnan(found["recall_infection"]) and found["recall"] == pytest.approx(1 / 3)  # where it is defined
    assert found["accuracy"] == 6 / 8  # pixels with their own class
    assert (found["label_area_px"], found["pred_area_px"]) == (3, 2)


def test_probabilities_and_classes_add_columns() -> None:
    found = row(2, ["0", "1"], PRED.clamp(max=1), prob=torch.full((1, 2, 4), 0.75), class_truth=1,
                class_probability=[0.6, 0.3, 0.1])  # fmt: skip
    assert (found["highest_probability"], found["class"], found["class_pred"]) == (0.75, 1, 0)
    assert found["class_prob_2"] == 0.1


def test_a_class_that_is_not_known_is_an_empty_cell() -> None:
    known = measure_case("a.png", PRED, LABEL, 3, class_truth=1, class_probability=[0.6, 0.4])
    rows = case_rows(stack_cases([known, measure_case("b.png", PRED, LABEL, 3)]), ["0", "1", "2"])
    assert (rows[1]["class"], rows[1]["class_pred"]) == (None, None) and math.isnan(rows[1]["class_prob_0"])


def test_the_size_of_what_is_there_stands_beside_its_area() -> None:
    found = row(3, ["background", "lung", "infection"])
    assert (found["size"], found["size_lung"], found["size_infection"]) == ("small", "small", None)
