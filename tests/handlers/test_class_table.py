from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from ignite.engine import Engine
from monai.data import MetaTensor

from monai_seg.errors import InputError
from monai_seg.handlers.class_table import ClassTable


def infer(handler: ClassTable, found: dict[str, list[float]], key: str = "pred") -> None:
    def step(engine: Engine, batch: tuple[str, list[float]]) -> list[dict]:
        engine.state.batch = [{"image": MetaTensor(torch.zeros(1, 2, 2), meta={"filename_or_obj": batch[0]})}]
        return [{key: torch.tensor(batch[1]), "label": None}]

    engine = Engine(step)
    handler.attach(engine)
    engine.run(list(found.items()))


def test_a_row_for_each_picture_sorted_by_file(tmp_path: Path) -> None:
    infer(ClassTable(tmp_path / "new", ["No", "Yes, sure"]), {"b.png": [0.25, 0.75], "a, b.png": [0.5, 0.5]})
    with open(tmp_path / "new" / "classes.csv", newline="") as file:
        assert list(csv.reader(file)) == [
            ["file", "prediction", "probability_no", "probability_yes_sure"],
            ["a, b.png", "No", "0.5", "0.5"],
            ["b.png", "Yes, sure", "0.25", "0.75"],
        ]


def test_a_table_is_not_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "classes.csv").write_text("old")
    with pytest.raises(InputError, match=r"classes\.csv: is there already; name another --output_dir, or give --overw"):
        ClassTable(tmp_path, ["a", "b"], overwrite="false")
    assert (tmp_path / "classes.csv").read_text() == "old"
    infer(ClassTable(tmp_path, ["a", "b"], overwrite="true"), {"x.png": [0.0, 1.0]})
    assert "x.png,b,0,1" in (tmp_path / "classes.csv").read_text()


def test_probabilities_may_have_another_key(tmp_path: Path) -> None:
    infer(ClassTable(tmp_path, ["a", "b"], key="class_pred"), {"x.png": [0.0, 1.0]}, "class_pred")
    assert "x.png,b,0,1" in (tmp_path / "classes.csv").read_text()


@pytest.mark.parametrize("pred", [[1.0], [float("nan"), 1.0]])
def test_probabilities_that_are_none_are_refused(pred: list[float], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"x\.png: needs 2 probabilities"):
        infer(ClassTable(tmp_path, ["a", "b"]), {"x.png": pred})
    assert not (tmp_path / "classes.csv").exists()
