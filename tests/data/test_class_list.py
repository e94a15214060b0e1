from __future__ import annotations

import json
import logging
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from monai_seg.data.class_list import class_cases, image_names
from monai_seg.data.datalist import DataList
from monai_seg.errors import InputError

NAMES = ["rare", "common"]
COUNTS = (7, 40)


def write_list(folder: Path, entries: list[dict[str, Any]], **more: Any) -> DataList:
    for entry in entries:
        (folder / entry["image"]).parent.mkdir(exist_ok=True, parents=True)
        (folder / entry["image"]).touch()
    (folder / "datalist.json").write_text(json.dumps({"training": entries, "validation": [], **more}))
    return DataList(folder)


def two_classes(counts: tuple[int, ...] = COUNTS) -> list[dict[str, Any]]:
    """As the class is in the name's second place, the list mixes both."""
    return [{"image": f"images/{number:02}-{id}.png", "label": f"images/{number:02}-{id}.png", "class": id}
            for number in range(max(counts)) for id, count in enumerate(counts) if number < count]


@pytest.fixture
def cases(tmp_path: Path) -> DataList:
    entries = two_classes()
    cases = write_list(tmp_path, entries, class_names=NAMES)
    cases.splits["training"] += cases.splits["validation"]  # all of them: what is held out is not the matter here
    return cases


def chosen(cases: DataList, share: float) -> set[str]:
    return set(image_names(cases, class_cases(cases, "training", NAMES, share)))


def test_all_cases_come_with_class_and_without_label_in_the_list_s_order(cases: DataList) -> None:
    found = class_cases(cases, "training", NAMES)
    assert [case["image"] for case in found] == [case["image"] for case in cases.training]
    assert all(case.keys() == {"image", "class"} for case in found)
    assert image_names(cases, found) == cases.names("training")


def test_the_label_is_kept_where_masks_are_learnt_too(cases: DataList) -> None:
    assert class_cases(cases, "training", NAMES, labelled=True) == cases.cases("training")


def test_masks_that_are_to_be_learnt_and_missing_are_told(tmp_path: Path) -> None:
    entries = two_classes()
    del entries[1]["label"]
    cases = write_list(tmp_path, entries)
    with pytest.raises(InputError, match=r"1 of \d+ cases of the training split have no label; add their"):
        class_cases(cases, "training", NAMES, labelled=True)


@pytest.mark.parametrize(("share", "rare", "common"), [
    (0.1, 1, 4), (0.2, 1, 8), (0.25, 2, 10), (0.5, 4, 20), (0.9, 6, 36), (1, 7, 40), (0.001, 1, 1),
])  # 7 * 0.25 = 1.75 and 7 * 0.5 = 3.5 are rounded up, 7 * 0.2 = 1.4 down; one at least
def test_a_share_is_of_each_class(share: float, rare: int, common: int, cases: DataList) -> None:
    assert Counter(case["class"] for case in class_cases(cases, "training", NAMES, share)) == {0: rare, 1: common}


def test_a_smaller_share_is_part_of_a_larger(cases: DataList) -> None:
    shares = [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1]
    sets = [chosen(cases, share) for share in shares]
    assert all(small <= large for small, large in pairwise(sets))
    assert chosen(cases, 0.2) == chosen(cases, 0.2)


def test_the_choice_is_by_name_not_by_place_or_folder(cases: DataList, tmp_path: Path) -> None:
    elsewhere = write_list(tmp_path / "moved", two_classes()[::-1], class_names=NAMES)
    elsewhere.splits["training"] += elsewhere.splits["validation"]
    assert chosen(elsewhere, 0.3) == chosen(cases, 0.3)
    assert chosen(cases, 0.3) != set(cases.names("training")[: len(chosen(cases, 0.3))])


def test_the_share_is_told(cases: DataList, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        chosen(cases, 0.5)
    assert caplog.messages == ["training on 24 of 47 cases: rare 4 of 7, common 20 of 40"]


@pytest.mark.parametrize("share", [0, -1, 1.5, "half", True, float("nan")])
def test_a_share_that_is_none_is_refused(share: Any, cases: DataList) -> None:
    with pytest.raises(InputError, match="train_fraction: must be above 0 and at most 1, got"):
        class_cases(cases, "training", NAMES, share)


@pytest.mark.parametrize(("entry", "error"), [
    ({}, r"0\.png: has no class in .*datalist\.json; give each case \"class\""),
    ({"class": 2}, r"0\.png: has the class 2, class_names has 2; give a whole number from 0 to 1"),
    ({"class": -1}, "has the class -1"),
    ({"class": "rare"}, "has the class 'rare'"),
    ({"class": True}, "has the class True"),
])  # fmt: skip
def test_a_class_that_is_none_is_refused(entry: dict, error: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=error):
        class_cases(write_list(tmp_path, [{"image": "0.png", **entry}]), "training", NAMES)


@pytest.mark.parametrize("told", [["common", "rare"], ["rare"], ["rare", "common", "new"]])
def test_other_names_than_the_list_s_are_refused(told: list[str], tmp_path: Path) -> None:
    cases = write_list(tmp_path, two_classes((2, 2)), class_names=told)
    with pytest.raises(InputError, match=r"class_names: are rare, common, .*datalist\.json says .*; name them as"):
        class_cases(cases, "training", NAMES)


def test_a_list_without_names_is_taken(tmp_path: Path) -> None:
    assert class_cases(write_list(tmp_path, two_classes((2, 2))), "training", NAMES)
