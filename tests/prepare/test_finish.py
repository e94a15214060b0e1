from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monai_seg.data.splits import Shares, deal_cases
from monai_seg.errors import InputError
from monai_seg.prepare.finish import Dealing, finish, share_table

Listed = Callable[[Path], dict[str, Any]]


def cases(folder: Path, count: int) -> list[dict[str, Any]]:
    return [{"image": folder / f"{i}.png", "class": i % 2, "group": f"g{i // 4}"} for i in range(count)]


def test_cases_are_dealt_and_told(tmp_path: Path, listed: Listed) -> None:
    report = finish(tmp_path, "test", cases(tmp_path, 40), Dealing(seed=3, folds=2), ("no", "yes"), ["note: x"])
    content = listed(tmp_path)
    expected = deal_cases([{**case, "image": case["image"].name} for case in cases(tmp_path, 40)], seed=3, folds=2)
    assert {split: content[split] for split in expected} == expected
    assert content["seed"] == 3
    assert content["class_names"] == ["no", "yes"]
    assert "40 cases, 10 groups, folds 0 to 1" in report
    assert "note: x" in report


def test_published_splits_are_kept_and_get_folds(tmp_path: Path, listed: Listed) -> None:
    first, second = {"image": tmp_path / "a.png"}, {"image": tmp_path / "b.png"}
    finish(tmp_path, "test", {"training": [first], "test": [second]}, Dealing(folds=3))
    content = listed(tmp_path)
    assert [case["image"] for case in content["training"]] == ["a.png"]
    assert content["training"][0]["fold"] in (0, 1, 2)
    assert content["test"] == [{"image": "b.png"}]


def test_a_group_torn_by_published_splits_is_refused(tmp_path: Path) -> None:
    first, second = ({"image": tmp_path / f"{name}.png", "group": "P"} for name in "ab")
    torn = {"training": [first], "test": [second]}
    with pytest.raises(InputError, match="group P: is in training and in test as published"):
        finish(tmp_path, "test", torn, Dealing())


def test_the_table_shows_counts_and_shares_of_each_class() -> None:
    splits = {"training": [{"class": 0}] * 3, "validation": [], "test": [{"class": 0}, {"class": 1}]}
    lines = [" ".join(line.split()) for line in share_table(splits, ("empty", "lesion"))]
    assert lines == ["cases training validation test", "all 5 3 (60.0%) 0 (0.0%) 2 (40.0%)",
                     "empty 4 3 (75.0%) 0 (0.0%) 1 (25.0%)", "lesion 1 0 (0.0%) 0 (0.0%) 1 (100.0%)",
                     "note: training has no case of lesion; add cases, or give another --seed"]


def test_shares_reach_the_deal(tmp_path: Path, listed: Listed) -> None:
    finish(tmp_path, "test", cases(tmp_path, 40), Dealing(shares=Shares(1, 0, 0)))
    assert len(listed(tmp_path)["training"]) == 40
