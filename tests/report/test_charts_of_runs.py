from __future__ import annotations

import numpy as np
import pytest

from monai_seg.report.case_charts import calibration_chart, case_charts, class_calibration_chart
from monai_seg.report.run_charts import search_charts, training_charts
from monai_seg.report.scored_case import scored_cases


def epochs(**columns: list[float]) -> dict[str, np.ndarray]:
    return {name: np.array(values, np.float64) for name, values in columns.items()}


def test_the_best_epoch_is_said():
    charts = training_charts(epochs(epoch=[1, 2, 3], val_dice=[0.2, 0.7, 0.6], train_loss=[3, 2, 1],
                                    learning_rate=[0.1, 0.1, 0.01], images_per_second=[10, 20, 30]), None)
    assert len(charts) == 4
    assert "Highest val_dice 0.700 in epoch 2 of 3." in charts[0]
    assert "At the end: train_loss 1." in charts[1]
    assert "From 0.1 to 0.01, median 0.1." in charts[2]
    assert "From 10 to 30, median 20." in charts[3]


@pytest.mark.parametrize("columns", [{}, {"epoch": []}, {"epoch": [1], "val_dice": [np.nan], "train_loss": [np.nan],
                                                         "learning_rate": [np.nan]}])
def test_a_run_without_numbers_has_no_charts(columns: dict[str, list[float]]):
    assert training_charts(epochs(**columns), None) == []


def test_batches_stand_within_their_epoch():
    losses = epochs(iteration=[1, 2, 3, 4], epoch=[1, 1, 2, 2], loss=[4, 3, 2, 1])
    chart = training_charts(epochs(epoch=[1, 2], train_loss=[3.5, 1.5]), losses)[0]
    assert "each batch" in chart


def test_each_parameter_gets_its_best_scores():
    search = epochs(threshold=[0.3, 0.3, 0.5, 0.5], min_area_share=[0, 0.1, 0, 0.1], dice=[0.5, 0.6, 0.8, 0.7])
    charts = search_charts(search, {"threshold": 0.5, "min_area_share": 0.0, "score": 0.8, "split": "validation"})
    assert len(charts) == 2
    assert "Chosen on validation: 0.5." in charts[0] and "Chosen on validation: 0." in charts[1]
    assert len(search_charts(search, None)) == 2
    assert search_charts(epochs(threshold=[0.5], dice=[0.8]), None) == [], "nothing was searched"


def test_small_and_large_lesions_are_told_apart():
    rows = [{"image": f"{area}", "dice": str(dice), "label_area_px": str(area), "pred_area_px": "1"}
            for area, dice in ((10, 0.1), (20, 0.3), (1000, 0.8), (2000, 0.9))]
    spread, by_size = case_charts(scored_cases(rows))
    assert "half below 0.550" in spread
    assert "Median Dice of the smallest 0.200, of the largest 0.850." in by_size
    assert case_charts([]) == [] and len(case_charts(scored_cases(rows)[:1])) == 0


def test_the_calibration_error_is_that_of_its_definition():
    rows = [{"probability": "0.2", "foreground": "0.1", "pixels": "300"},
            {"probability": "", "foreground": "", "pixels": "0"},
            {"probability": "0.9", "foreground": "0.5", "pixels": "100"}]
    text = calibration_chart(rows)
    assert f"(ECE): {(300 * 0.1 + 100 * 0.4) / 400:.4f}; widest at 0.90, where 50% of 100 are foreground." in text
    assert calibration_chart([]) == "" and calibration_chart(rows[1:2]) == ""


def test_the_calibration_of_classes_counts_images():
    rows = [{"confidence": "0.6", "right": "0.5", "images": "2"}, {"confidence": "0.9", "right": "1", "images": "6"}]
    text = class_calibration_chart(rows)
    assert "8 images. On" in text and f"(ECE): {(2 * 0.1 + 6 * 0.1) / 8:.4f}" in text
    assert class_calibration_chart([]) == ""
