from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from ignite.engine import Engine

from monai_seg.errors import InputError
from monai_seg.handlers.operating_point import OperatingPoint
from monai_seg.metrics.operating_point import Grid

GRID = Grid([0.3, 0.6, 0.9], [0.0, 0.1], [0.2, 0.5, 0.8])
# a lesion drawn at 0.3 around a sure core, and an image in which nothing is surer than 0.7
LESION = torch.tensor([[[0.95, 0.95, 0.3, 0.3, 0.1]]])
HEALTHY = torch.tensor([[[0.7, 0.3, 0.3, 0.1, 0.1]]])
CASES = [(LESION, (LESION > 0.2).long()), (HEALTHY, torch.zeros(1, 1, 5, dtype=torch.int64))]


def evaluate(handler: OperatingPoint, cases: list = CASES, batch_size: int = 1, **extra: torch.Tensor) -> None:
    """Run an engine as MONAI's without decollation: batches of tensors, cases by their place."""

    def step(engine: Engine, places: list[int]) -> dict:
        engine.state.batch = {"image": torch.zeros(len(places), 1, 1, 5), "index": torch.tensor(places)}
        prob, label = (torch.stack([cases[place][part] for place in places]) for part in (0, 1))
        return {"prob": prob, "label": label, **extra}

    engine = Engine(step)
    handler.attach(engine)
    places = list(range(len(cases)))
    engine.run([places[start : start + batch_size] for start in range(0, len(places), batch_size)])


@pytest.mark.parametrize("batch_size", [1, 2])
def test_the_best_triple_is_written_with_what_was_searched(tmp_path: Path, batch_size: int) -> None:
    evaluate(OperatingPoint(tmp_path, "validation", grid=GRID), batch_size=batch_size)
    found = json.loads((tmp_path / "operating_point.json").read_text())
    assert (found["decide_threshold"], found["threshold"]) == (0.9, 0.2)  # sure that it is there, then drawn widely
    assert found["min_area_share"] == 0.1 and found["score"] == 1 and found["split"] == "validation"
    assert found["searched"] == {
        "score": "dice", "images": 2, "images_positive": 1,
        "default": {"decide_threshold": 0.5, "min_area_share": 0.0, "threshold": 0.5},
        "decide_threshold": [0.3, 0.5, 0.6, 0.9], "min_area_share": [0.0, 0.1], "threshold": [0.2, 0.5, 0.8],
    }  # fmt: skip


def test_the_table_holds_every_triple(tmp_path: Path) -> None:
    evaluate(OperatingPoint(tmp_path, "validation", grid=GRID))
    with open(tmp_path / "operating_point.csv", newline="") as file:
        table = {tuple(float(row[name]) for name in ("decide_threshold", "min_area_share", "threshold")): row
                 for row in csv.DictReader(file)}  # fmt: skip
    assert len(table) == 4 * 2 * 3
    assert table[0.9, 0.1, 0.2]["dice"] == "1"
    assert float(table[0.3, 0.1, 0.2]["dice"]) == pytest.approx((1 + 0) / 2)  # a false alarm
    assert float(table[0.9, 0.1, 0.5]["dice_positive"]) == pytest.approx(2 * 2 / (2 + 4), abs=1e-6)


@pytest.mark.parametrize("split", ["test", "Test", " test ", "testing", "test_2"])
def test_test_data_are_refused(tmp_path: Path, split: str) -> None:
    with pytest.raises(InputError, match=r"an operating point chosen on test data .*; choose it on the validation"):
        OperatingPoint(tmp_path, split)
    assert list(tmp_path.iterdir()) == []


def test_the_working_size_may_be_another(tmp_path: Path) -> None:
    handler = OperatingPoint(tmp_path, "validation", grid=GRID, decide_key="working_prob")
    evaluate(handler, working_prob=torch.zeros(1, 1, 3, 3))  # nothing is sure there: nothing is ever drawn with a gate
    with open(tmp_path / "operating_point.csv", newline="") as file:
        gated = [row for row in csv.DictReader(file) if row["min_area_share"] == "0.1"]
    assert {row["dice"] for row in gated} == {"0.5"}


def test_a_healthy_split_keeps_what_was_set(tmp_path: Path) -> None:
    handler = OperatingPoint(tmp_path, "validation", 0.7, 0.001, 0.4, score="dice_positive", grid=GRID)
    evaluate(handler, [CASES[1]])
    found = json.loads((tmp_path / "operating_point.json").read_text())
    assert (found["decide_threshold"], found["min_area_share"], found["threshold"]) == (0.7, 0.001, 0.4)
    assert found["score"] is None


def test_a_second_validation_starts_from_nothing(tmp_path: Path) -> None:
    handler = OperatingPoint(tmp_path, "validation", grid=GRID)
    evaluate(handler)
    evaluate(handler, [CASES[0]])
    assert json.loads((tmp_path / "operating_point.json").read_text())["searched"]["images"] == 1


def test_what_cannot_be_searched_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="score: 'iou' is no choice; give dice or dice_positive"):
        OperatingPoint(tmp_path, "validation", score="iou")
    with pytest.raises(InputError, match="000000000: the evaluation gives no 'sure'"):
        evaluate(OperatingPoint(tmp_path, "validation", grid=GRID, prob_key="sure"))
    softmax = [(torch.full((3, 1, 5), 1 / 3), CASES[0][1])]
    with pytest.raises(InputError, match=r"probabilities must be \(1, H, W\), got \(3, 1, 5\)"):
        evaluate(OperatingPoint(tmp_path, "validation", grid=GRID), softmax)
    logits = [(torch.full((1, 1, 5), 3.0), CASES[0][1])]
    with pytest.raises(InputError, match=r"prob must lie in \[0, 1\], got 3.0 to 3.0"):
        evaluate(OperatingPoint(tmp_path, "validation", grid=GRID), logits)
    with pytest.raises(InputError, match="no case to choose by"):
        OperatingPoint(tmp_path, "validation")._write(Engine(lambda engine, batch: None))


def test_memory_does_not_grow_with_the_images(tmp_path: Path) -> None:
    handler = OperatingPoint(tmp_path, "validation", grid=GRID)
    prob = torch.rand(1, 300, 300)
    evaluate(handler, [(prob, (prob > 0.9).long())] * 3)
    assert sum(np.asarray(part).nbytes for case in handler.measured.values() for part in case) < 1000
