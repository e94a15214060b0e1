from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from monai_seg.handlers.split_rows import cell, replace_rows


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_rows_of_other_splits_are_kept_and_those_of_this_one_replaced(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    replace_rows(path, "validation", [{"image": "a", "dice": 0.5}])
    replace_rows(path, "test", [{"image": "b", "dice": 0.25}, {"image": "c", "dice": 1.0}])
    before = path.read_text()
    replace_rows(path, "test", [{"image": "b", "dice": 0.25}, {"image": "c", "dice": 1.0}])
    assert path.read_text() == before
    replace_rows(path, "test", [{"image": "d", "dice": 0.75}])
    assert [(row["split"], row["image"]) for row in rows(path)] == [("validation", "a"), ("test", "d")]


def test_columns_that_only_one_split_has_are_empty_in_the_other(tmp_path: Path) -> None:
    replace_rows(tmp_path / "x.csv", "a", [{"one": 1}])
    replace_rows(tmp_path / "x.csv", "b", [{"two": 2}])
    assert rows(tmp_path / "x.csv") == [{"split": "a", "two": "", "one": "1"}, {"split": "b", "two": "2", "one": ""}]


@pytest.mark.parametrize(("value", "expected"), [
    (1 / 3, "0.333333"), (1.0, "1"), (0.0, "0"), (math.nan, ""), (None, ""), (7, 7), ("a", "a"), (120.0, "120"),
])  # fmt: skip
def test_numbers_are_short_and_what_is_undefined_is_empty(value: object, expected: object) -> None:
    assert cell(value) == expected
