from __future__ import annotations

import csv
import logging
from pathlib import Path

import pytest
import torch
from ignite.engine import Engine
from monai.data import MetaTensor
from torch import Tensor

from monai_seg.handlers.case_scores import CaseScores


def mask(*rows: str) -> Tensor:
    return torch.tensor([[int(pixel) for pixel in row] for row in rows])[None]


EMPTY, SOME, PART = mask("00", "00"), mask("11", "10"), mask("10", "01")  # SOME has 3 pixels, PART 2, they share 1
FIVE = {"e": (EMPTY, EMPTY), "f": (SOME, EMPTY), "m": (EMPTY, SOME), "p": (SOME, SOME), "s": (PART, SOME)}


def evaluate(
    folder: Path, split: str, cases: dict[str, tuple[Tensor, Tensor]], handler: CaseScores | None = None
) -> None:
    """Run an engine over (prediction, truth) by image name, two images per batch, as MONAI's decollated evaluator."""
    batches = [list(cases.items())[start : start + 2] for start in range(0, len(cases), 2)]

    def step(engine: Engine, batch: list) -> list[dict[str, Tensor]]:
        engine.state.batch = [{"image": MetaTensor(torch.zeros(1, 2, 2), meta={"filename_or_obj": f"{name}.png"})}
                              for name, _ in batch]  # fmt: skip
        return [{"pred": pred, "label": label} for _, (pred, label) in batch]

    engine = Engine(step)
    (handler or CaseScores(folder, split)).attach(engine)
    engine.run(batches)


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path, split: str) -> dict[str, str]:
    return {row["score"]: row["value"] for row in rows(folder / "summary.csv") if row["split"] == split}


def test_five_cases_by_hand(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", FIVE)
    assert (tmp_path / "cases.csv").read_text().splitlines() == [
        "split,image,dice,iou,precision,recall,label_area_px,pred_area_px",
        "test,e.png,1,1,,,0,0",
        "test,f.png,0,0,0,,0,3",
        "test,m.png,0,0,,0,3,0",
        "test,p.png,1,1,1,1,3,3",
        "test,s.png,0.4,0.25,0.5,0.333333,3,2",  # dice 2*1/(2+3), iou 1/(2+3-1), precision 1/2, recall 1/3
    ]
    assert summary(tmp_path, "test") == {
        "test_images": "5", "test_images_positive": "3",
        "test_dice": "0.48", "test_dice_positive": "0.466667",  # (1+0+0+1+0.4)/5, (0+1+0.4)/3
        "test_iou": "0.45", "test_iou_positive": "0.416667",  # (1+0+0+1+0.25)/5, (0+1+0.25)/3
        "test_false_alarm_rate": "0.5", "test_miss_rate": "0.333333",
    }  # fmt: skip


def test_what_is_not_defined_is_an_empty_cell(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", {"e": FIVE["e"]})
    assert "nan" not in (tmp_path / "cases.csv").read_text() + (tmp_path / "summary.csv").read_text()
    assert summary(tmp_path, "test")["test_dice_positive"] == ""


def test_rows_of_other_splits_are_kept_and_those_of_this_one_replaced(tmp_path: Path) -> None:
    evaluate(tmp_path, "validation", {"p": FIVE["p"]})
    evaluate(tmp_path, "test", FIVE)
    before = (tmp_path / "cases.csv").read_text()
    evaluate(tmp_path, "test", FIVE)
    assert (tmp_path / "cases.csv").read_text() == before
    evaluate(tmp_path, "test", {"s": FIVE["s"]})
    assert [(row["split"], row["image"]) for row in rows(tmp_path / "cases.csv")] == [
        ("validation", "p.png"), ("test", "s.png"),
    ]  # fmt: skip
    assert summary(tmp_path, "validation")["validation_dice"] == "1"
    assert summary(tmp_path, "test")["test_images"] == "1"


def test_rows_with_other_columns_are_kept_too(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("split,image,hd95\ntrain,x.png,3.5\n")
    evaluate(tmp_path, "test", {"p": FIVE["p"]})
    kept, new = rows(tmp_path / "cases.csv")
    assert (kept["split"], kept["hd95"], kept["dice"]) == ("train", "3.5", "")
    assert (new["split"], new["hd95"], new["dice"]) == ("test", "", "1")


def test_a_second_run_of_the_engine_starts_from_nothing(tmp_path: Path) -> None:
    handler = CaseScores(tmp_path, "test")
    evaluate(tmp_path, "test", FIVE, handler)
    evaluate(tmp_path, "test", {"p": FIVE["p"]}, handler)
    assert len(rows(tmp_path / "cases.csv")) == 1


def test_names_with_commas_survive(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", {'a, "b"': FIVE["p"]})
    assert rows(tmp_path / "cases.csv")[0]["image"] == 'a, "b".png'


def test_the_log_says_the_scores_and_the_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "monai_seg.handlers.case_scores"):
        evaluate(tmp_path, "test", FIVE)
    assert "test_dice 0.48  test_dice_positive 0.466667" in caplog.text
    assert f"written: {tmp_path / 'cases.csv'}" in caplog.text
