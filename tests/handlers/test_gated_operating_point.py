from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from ignite.engine import Engine

from monai_seg.errors import InputError
from monai_seg.figures.columns import read_columns
from monai_seg.handlers import GatedOperatingPoint, OperatingPoint
from monai_seg.metrics.operating_point import Grid
from monai_seg.report.run_charts import search_charts

GRID = Grid([0.3, 0.5], [0.0, 0.1], [0.2, 0.5])
SURE = torch.tensor([0.9, 0.9, 0.1]).reshape(1, 1, 1, 3)
PROB, LABEL = SURE.repeat(4, 1, 1, 1), (SURE > 0.5).long() * torch.tensor([1, 1, 0, 0]).reshape(4, 1, 1, 1)
SAID = torch.tensor([[0.875], [0.75], [0.25], [0.125]])  # of the classes that have a lesion
CLASSES = ["ill"]


def evaluate(handler: OperatingPoint, **output: torch.Tensor) -> dict:
    def step(engine: Engine, place: int) -> dict:
        engine.state.batch = {"image": torch.zeros(4, 1, 1, 3), "index": torch.arange(4)}
        return output

    engine = Engine(step)
    handler.attach(engine)
    engine.run([0])
    return json.loads((handler.output_dir / "operating_point.json").read_text())


def test_gate_and_triple_are_searched_together_and_written(tmp_path: Path):
    handler = GatedOperatingPoint(tmp_path, "validation", gate_classes=CLASSES, grid=GRID)
    found = evaluate(handler, prob=PROB, label=LABEL, gate_prob=SAID)
    assert (found["class_gate"], found["score"], found["dice"]) == (0.5, 1, 1)
    assert found["searched"]["class_gate"] == [0, 0.1875, 0.5, 0.8125]
    assert found["searched"]["default"] == {
        "class_gate": 0, "decide_threshold": 0.5, "min_area_share": 0, "threshold": 0.5}
    with open(tmp_path / "operating_point.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 4 * 2 * 2 * 2
    of_default = {float(row["class_gate"]): float(row["dice"]) for row in table
                  if (row["decide_threshold"], row["min_area_share"], row["threshold"]) == ("0.5", "0.0", "0.5")}
    assert of_default == {0: 0.5, 0.1875: 0.75, 0.5: 1, 0.8125: 0.75}


def test_the_picture_of_the_search_shows_the_gate(tmp_path: Path):
    handler = GatedOperatingPoint(tmp_path, "validation", gate_classes=CLASSES, grid=GRID)
    found = evaluate(handler, prob=PROB, label=LABEL, gate_prob=SAID)
    charts = search_charts(read_columns(tmp_path / "operating_point.csv"), found)
    [chart] = [chart for chart in charts if "Operating point: class_gate" in chart]
    assert "chosen 0.5" in chart and "how probable the classes with a lesion" in chart


def test_the_gate_of_the_run_is_tried_too_and_the_weaker_is_taken(tmp_path: Path):
    handler = GatedOperatingPoint(tmp_path, "validation", 0.6, CLASSES, grid=GRID)
    found = evaluate(handler, prob=PROB, label=LABEL, gate_prob=SAID)
    assert found["class_gate"] == 0.5 and found["searched"]["class_gate"] == [0, 0.1875, 0.5, 0.6, 0.8125]


def test_without_classes_it_is_the_search_of_three(tmp_path: Path):
    gated = evaluate(GatedOperatingPoint(tmp_path / "a", "validation", grid=GRID), prob=PROB, label=LABEL)
    plain = evaluate(OperatingPoint(tmp_path / "b", "validation", grid=GRID), prob=PROB, label=LABEL)
    assert gated.pop("class_gate") == 0 and gated["searched"].pop("class_gate") == [0]
    assert gated["searched"]["default"].pop("class_gate") == 0
    assert gated == plain
    tables = [(tmp_path / name / "operating_point.csv").read_text().splitlines() for name in "ab"]
    assert tables[0][0] == "class_gate," + tables[1][0]
    assert tables[0][1:] == [f"0.0,{row}" for row in tables[1][1:]]


@pytest.mark.parametrize("split", ["test", "Test", " test "])
def test_test_data_are_refused(tmp_path: Path, split: str):
    with pytest.raises(InputError, match="chosen on test data"):
        GatedOperatingPoint(tmp_path, split, gate_classes=CLASSES)


def test_an_evaluation_without_the_probability_is_told(tmp_path: Path):
    with pytest.raises(InputError, match="000000000: the evaluation gives no 'gate_prob'"):
        evaluate(GatedOperatingPoint(tmp_path, "validation", gate_classes=CLASSES), prob=PROB, label=LABEL)


def test_memory_does_not_grow_with_the_images(tmp_path: Path):
    handler = GatedOperatingPoint(tmp_path, "validation", gate_classes=CLASSES)
    prob = torch.rand(4, 1, 300, 300)
    evaluate(handler, prob=prob, label=(prob > 0.9).long(), gate_prob=SAID)
    assert sum(np.asarray(part).nbytes for part in handler.measured["000000000"]) < 1000
