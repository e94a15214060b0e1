from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch
from ignite.engine import Engine

from monai_seg.errors import InputError
from monai_seg.handlers import ClassGate
from monai_seg.metrics.class_gate import GateGrid

GRID = GateGrid([0.3, 0.9], [0.0, 0.1])
SURE = torch.tensor([[[0.0, 0.0]], [[1.0, 0.0]], [[0.0, 1.0]]])  # classes 1 and 2, as the truth has them
FALSE = torch.tensor([[[0.9, 0.3]], [[0.1, 0.0]], [[0.0, 0.7]]])  # class 2 where there is none


def evaluate(handler: ClassGate, **output: torch.Tensor) -> None:
    def step(engine: Engine, place: int) -> dict:
        engine.state.batch = {"image": torch.zeros(2, 1, 1, 2), "index": torch.tensor([0, 1])}
        return output

    engine = Engine(step)
    handler.attach(engine)
    engine.run([0])


def test_the_pair_that_gates_the_false_alarm_is_written(tmp_path: Path) -> None:
    label = torch.tensor([[[[1, 2]]], [[[0, 0]]]])
    evaluate(ClassGate(tmp_path, "validation", grid=GRID), prob=torch.stack([SURE, FALSE]), label=label)
    found = json.loads((tmp_path / "operating_point.json").read_text())
    assert (found["decide_threshold"], found["min_area_share"], found["score"]) == (0.9, 0.1, 1.0)
    assert found["searched"]["default"] == {"decide_threshold": 0.5, "min_area_share": 0.0}
    with open(tmp_path / "operating_point.csv", newline="") as file:
        table = {(float(row["decide_threshold"]), float(row["min_area_share"])): float(row["dice"])
                 for row in csv.DictReader(file)}
    assert len(table) == 3 * 2
    assert table[0.9, 0.0] == pytest.approx((1 + 0.5) / 2)


def test_what_cannot_be_searched_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="chosen on test data"):
        ClassGate(tmp_path, "test")
    with pytest.raises(InputError, match="gives no 'prob'"):
        evaluate(ClassGate(tmp_path, "validation"), label=torch.zeros(2, 1, 1, 2))
    with pytest.raises(InputError, match="up to 6 classes"):
        evaluate(ClassGate(tmp_path, "validation"), label=torch.zeros(2, 1, 1, 2), prob=torch.ones(2, 9, 1, 2))
