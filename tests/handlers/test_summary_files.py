from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.handlers.summary_files import write_summary
from monai_seg.metrics.summary import Score

NAN = float("nan")
SCORES = [Score("images", 2), Score("dice", 1 / 3, 0.25, 0.5, 2, 0), Score("hd95", NAN, NAN, NAN, 0, 2)]


def test_both_files_say_the_same_and_json_does_not_round(tmp_path: Path) -> None:
    write_summary(tmp_path, "test", SCORES, {"calibration": [{"pixels": 0, "probability": NAN}]})
    found = json.loads((tmp_path / "summary.json").read_text())
    assert found == {"test": {
        "scores": {
            "test_images": {"value": 2, "low": None, "high": None, "count": None, "undefined": None},
            "test_dice": {"value": 1 / 3, "low": 0.25, "high": 0.5, "count": 2, "undefined": 0},
            "test_hd95": {"value": None, "low": None, "high": None, "count": 0, "undefined": 2},
        },
        "calibration": [{"pixels": 0, "probability": None}],
    }}  # fmt: skip
    with open(tmp_path / "summary.csv", newline="") as file:
        rows = {row["score"]: row for row in csv.DictReader(file)}
    assert list(rows) == list(found["test"]["scores"])
    assert (rows["test_dice"]["value"], rows["test_dice"]["high"]) == ("0.333333", "0.5")
    assert rows["test_hd95"]["value"] == ""


def test_other_splits_are_kept_and_this_one_is_replaced(tmp_path: Path) -> None:
    for split, count in (("validation", 1), ("test", 2), ("test", 3)):
        write_summary(tmp_path, split, [Score("images", count)], {})
    found = json.loads((tmp_path / "summary.json").read_text())
    assert {split: of["scores"][f"{split}_images"]["value"] for split, of in found.items()} == {
        "validation": 1, "test": 3}  # fmt: skip


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_file_that_is_none_is_told_and_left(text: str, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(InputError, match=r"summary\.json: cannot be read .*; remove it, and evaluate"):
        write_summary(tmp_path, "test", SCORES, {})
    assert (tmp_path / "summary.json").read_text() == text and not (tmp_path / "summary.csv").exists()
