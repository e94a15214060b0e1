from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Engine
from monai.data import MetaTensor
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.handlers.class_scores import ClassScores

NAMES = ["Normal", "Viral Pneumonia", "COVID"]
SOME = {"a": (0, [0.7, 0.2, 0.1]), "b": (0, [0.2, 0.5, 0.3]), "c": (1, [0.1, 0.8, 0.1]), "d": (2, [0.3, 0.3, 0.4])}


def evaluate(folder: Path, split: str, cases: dict[str, Any], decollated: bool = False, **more: Any) -> None:
    """Run an engine in steps of two images, whose batch and output are as MONAI's evaluator leaves them."""
    batches = [list(cases.items())[start : start + 2] for start in range(0, len(cases), 2)]

    def step(engine: Engine, batch: list) -> Any:
        engine.state.batch = [{"image": MetaTensor(torch.zeros(1, 2, 2), meta={"filename_or_obj": f"{name}.png"}),
                               "group": f"of {name}"} for name, _ in batch]  # fmt: skip
        output = [{"pred": torch.tensor(pred), "label": torch.tensor(label)} for _, (label, pred) in batch]
        return output if decollated else {key: torch.stack([item[key] for item in output]) for key in output[0]}

    engine = Engine(step)
    ClassScores(folder, split, NAMES, resamples=20, **more).attach(engine)
    engine.run(batches)


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("decollated", [False, True])
def test_four_images_by_hand(decollated: bool, tmp_path: Path) -> None:
    evaluate(tmp_path, "test", SOME, decollated)
    cases = rows(tmp_path / "cases.csv")
    assert [(row["image"], row["class"], row["prediction"]) for row in cases] == [
        ("a.png", "Normal", "Normal"), ("b.png", "Normal", "Viral Pneumonia"),
        ("c.png", "Viral Pneumonia", "Viral Pneumonia"), ("d.png", "COVID", "COVID"),
    ]  # fmt: skip
    assert [cases[1][f"probability_{name}"] for name in ("normal", "viral_pneumonia", "covid")] == ["0.2", "0.5", "0.3"]
    summary = {row["score"]: row["value"] for row in rows(tmp_path / "summary.csv")}
    expected = {
        "test_images": "4", "test_images_normal": "2", "test_accuracy": "0.75",
        "test_precision_viral_pneumonia": "0.5", "test_recall_normal": "0.5",
        "test_f1_normal": "0.666667",  # 2*1/(2*1+0+1)
        "test_f1": "0.777778",  # (2/3 + 2/3 + 1) / 3
        "test_accuracy_covid": "1", "test_accuracy_normal": "0.75",  # b alone is told wrong
    }  # fmt: skip
    assert {name: summary[name] for name in expected} == expected
    matrix = {(row["truth"], row["prediction"]): row["count"] for row in rows(tmp_path / "confusion.csv")}
    assert len(matrix) == 9
    assert matrix["Normal", "Viral Pneumonia"] == "1" and matrix["Viral Pneumonia", "Normal"] == "0"
    report = {row["class"]: row for row in rows(tmp_path / "classification_report.csv")}
    assert report["Normal"]["support"] == "2" and report["macro avg"]["f1"] == "0.777778"
    for name in ("confusion_test.png", "reliability_test.png"):
        with Image.open(tmp_path / name) as picture:
            picture.load()


def test_how_sure_it_is_by_hand(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", SOME)
    filled = [row for row in rows(tmp_path / "class_calibration.csv") if row["images"] != "0"]
    assert [(row["images"], row["confidence"], row["right"]) for row in filled] == [
        ("1", "0.4", "1"), ("1", "0.5", "0"), ("1", "0.7", "1"), ("1", "0.8", "1"),  # d, b, a, c
    ]  # fmt: skip
    found = json.loads((tmp_path / "summary.json").read_text())["test"]
    assert found["scores"]["test_ece"]["value"] == pytest.approx((0.6 + 0.5 + 0.3 + 0.2) / 4)
    assert found["scores"]["test_ece"]["low"] is not None and len(found["class_calibration"]) == 15


def test_rows_of_other_splits_are_kept(tmp_path: Path) -> None:
    for split in ("test", "validation", "test"):
        evaluate(tmp_path, split, SOME)
    for name, count in (("cases.csv", 4), ("confusion.csv", 9)):
        splits = [row["split"] for row in rows(tmp_path / name)]
        assert {split: splits.count(split) for split in splits} == {"test": count, "validation": count}


@pytest.mark.parametrize(("case", "error"), [
    ((3, [0.5, 0.3, 0.2]), r"x\.png: has the class 3, class_names has 3; name all classes"),
    ((0, [0.5, 0.5]), r"x\.png: needs 3 probabilities, got \[0.5, 0.5\]; mend the network or class_names"),
    ((0, [0.5, float("nan"), 0.5]), r"x\.png: needs 3 probabilities"),
    ((0, [4.0, -1.0, 0.5]), r"x\.png: needs 3 probabilities, got \[4.0, -1.0, 0.5\]"),
])  # fmt: skip
def test_what_is_no_class_or_probability_is_refused_and_nothing_written(
    case: Any, error: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=error):
        evaluate(tmp_path, "test", {"x": case})
    assert list(tmp_path.iterdir()) == []


def test_names_that_make_one_column_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="class_names: 'covid' makes no name for the scores of a class"):
        ClassScores(tmp_path, "test", ["COVID", "covid"])
