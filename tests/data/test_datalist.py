from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monai_seg.data.datalist import SPLITS, Case, DataList, split_cases
from monai_seg.errors import InputError


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def write_list(folder: Path, content: Any, files: tuple[str, ...] = ("a.png", "b.png", "c.png", "a_mask.png")) -> Path:
    lay(folder, *files)
    (folder / "datalist.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def place_of(splits: dict[str, list[Case]]) -> dict[str, str]:
    return {case["image"]: split for split in SPLITS for case in splits[split]}


def cases(count: int, groups: int = 0) -> list[Case]:
    return [{"image": f"/d/{i}.png", "label": f"/d/{i}_mask.png", **({"group": f"p{i % groups}"} if groups else {})}
            for i in range(count)]


def test_a_list_is_read_with_absolute_paths_and_all_it_says(tmp_path: Path) -> None:
    case = {"image": "a.png", "label": "a_mask.png", "group": 7, "class": "healthy", "fold": 2}
    data = DataList(write_list(tmp_path, {"training": [case], "validation": [{"image": "b.png"}], "name": "x"}))
    assert data.training == [{**case, "image": str(tmp_path / "a.png"), "label": str(tmp_path / "a_mask.png")}]
    assert data.validation == [{"image": str(tmp_path / "b.png")}]
    assert data.names("training") == ["a.png"]


def test_a_row_of_a_table_and_several_masks_are_labels(tmp_path: Path) -> None:
    rows = [{"image": "a.png", "label": "runs.csv::a"}, {"image": "b.png", "label": ["a_mask.png", "c.png"]}]
    data = DataList(write_list(tmp_path, {"test": rows}, ("a.png", "b.png", "c.png", "a_mask.png", "runs.csv")))
    assert [case["label"] for case in data.test] == [
        str(tmp_path / "runs.csv::a"), [str(tmp_path / "a_mask.png"), str(tmp_path / "c.png")],
    ]  # fmt: skip


A = {"image": "a.png"}


@pytest.mark.parametrize(("content", "message"), [
    ("{", r"datalist\.json: not a readable JSON file \(.*\); write it anew, or remove it"),
    ([A], "no list of cases in it; give it at least one of the keys training, validation, test"),
    ({"train": [A]}, "no list of cases in it"),
    ({"training": "a.png"}, "no list of cases in it"),
    ({"training": [A], "test": {"image": "b.png"}}, "test is a dict; write a list of cases"),
    ({"training": [A], "test": 3}, "test is a int; write a list of cases"),
    ({"training": [A, "b.png"]}, r"training\[1\] is not a case; write"),
    ({"training": [{"label": "b.png"}]}, r"training\[0\] is not a case; write"),
    ({"training": [{"image": None}]}, r"training\[0\] names a file by NoneType; write the path as a string"),
    ({"training": [{"image": ["a.png", "b.png"]}]}, r"training\[0\] names 2 images; write one case for each"),
    ({"training": [{"image": "a.png", "label": 5}]}, r"training\[0\] names a file by int"),
    ({"training": [{"image": "../x.png"}]}, r"training\[0\] leaves the data set: \.\./x\.png; use paths inside"),
    ({"training": [{"image": "/etc/hostname"}]}, r"training\[0\] leaves the data set: /etc/hostname"),
    ({"training": [A, {"image": "b.png", "label": "../m.png"}]}, r"training\[1\] leaves the data set"),
    ({"validation": [{"image": "d.png"}]},
     r"d\.png: no such file, though validation\[0\] of datalist\.json names it; restore the file"),
    ({"test": [{"image": "a.png", "label": "r.csv::a"}]}, r"r\.csv: no such file, though test\[0\]"),
    ({"training": [A, A]}, r"a\.png is listed twice \(training and training\); list each image once"),
    ({"training": [A], "test": [A]}, r"a\.png is listed twice \(training and test\)"),
    ({"training": [A], "test": [{"image": "sub/../a.png"}]}, r"a\.png is listed twice \(training and test\)"),
    ({"training": [{"image": "a.png", "group": 1}], "test": [{"image": "b.png", "group": "1"}]},
     "group '1' is in training and in test; keep all images of a group in one split"),
])  # fmt: skip
def test_refusals_of_a_list(tmp_path: Path, content: Any, message: str) -> None:
    write_list(tmp_path, content)
    (tmp_path / "sub").mkdir()
    with pytest.raises(InputError, match=message) as caught:
        DataList(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_link_out_of_the_data_set_is_refused(tmp_path: Path) -> None:
    lay(tmp_path, "elsewhere.png", "set/a.png")
    (tmp_path / "set" / "link.png").symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(InputError, match="leaves the data set"):
        DataList(write_list(tmp_path / "set", {"training": [{"image": "link.png"}]}))


def test_a_missing_folder_is_told_with_the_hint(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none: no data set here; make the twin$"):
        DataList(tmp_path / "none", hint="make the twin")


def test_splits_are_named_and_not_empty(tmp_path: Path) -> None:
    data = DataList(write_list(tmp_path, {"validation": [A]}))
    with pytest.raises(InputError, match="split 'val': no such split; choose one of training, validation, test"):
        data.cases("val")
    with pytest.raises(InputError, match="the split 'training' has no cases; add cases"):
        _ = data.training
    with pytest.raises(InputError, match="the split 'test' has no cases"):
        _ = data.test


def test_pairs_found_by_name_are_split_with_their_masks(tmp_path: Path) -> None:
    lay(tmp_path, *(f"images/{i}.png" for i in range(40)), *(f"masks/{i}.png" for i in range(40)))
    data = DataList(tmp_path)
    found = [name for split in SPLITS for name in data.names(split)]
    assert sorted(found) == sorted(f"images/{i}.png" for i in range(40))
    assert all(Path(case["image"]).name == Path(case["label"]).name for split in SPLITS for case in data.cases(split))


def test_shares_are_64_16_20() -> None:
    splits = split_cases(cases(5000))
    shares = [len(splits[split]) / 5000 for split in SPLITS]
    assert shares == pytest.approx([0.64, 0.16, 0.20], abs=0.03)  # 4 standard deviations of 5000 draws


@pytest.mark.parametrize("groups", [0, 37])
def test_adding_cases_moves_none(groups: int) -> None:
    few, many = place_of(split_cases(cases(100, groups))), place_of(split_cases(cases(1000, groups)[::-1]))
    assert few == {image: many[image] for image in few}


def test_the_split_does_not_depend_on_where_the_data_set_lies() -> None:
    here = [{"image": f"/here/{i}.png"} for i in range(50)]
    there = [{"image": f"/there/sub/{i}.jpg"} for i in range(50)]
    assert list(place_of(split_cases(here)).values()) == list(place_of(split_cases(there)).values())


def test_no_group_is_split() -> None:
    splits = split_cases(cases(1000, groups=60))
    groups = [{case["group"] for case in splits[split]} for split in SPLITS]
    assert all(groups)
    assert sum(map(len, groups)) == 60


def test_a_list_without_validation_gets_one_from_training_by_group(tmp_path: Path) -> None:
    rows = [{"image": f"{i}.png", "group": i % 50} for i in range(200)]
    files = tuple(f"{i}.png" for i in range(205))
    data = DataList(write_list(tmp_path, {"training": rows[:150], "test": [{"image": "204.png"}]}, files))
    assert {case["group"] for case in data.training}.isdisjoint(case["group"] for case in data.validation)
    assert len(data.training) + len(data.validation) == 150
    before = {case["image"] for case in data.validation}
    grown = DataList(write_list(tmp_path, {"training": rows, "test": [{"image": "204.png"}]}, files))
    assert before <= {case["image"] for case in grown.validation}
    assert {case["image"] for case in data.training} <= {case["image"] for case in grown.training}


@pytest.mark.parametrize("names", [("a", "b"), ("x1", "x2", "x3"), ("p", "q", "r", "s")])
def test_the_smallest_list_has_both_training_and_validation(tmp_path: Path, names: tuple[str, ...]) -> None:
    files = tuple(f"{name}.png" for name in names)
    data = DataList(write_list(tmp_path, {"training": [{"image": file} for file in files]}, files))
    assert sorted(data.names("training") + data.names("validation")) == sorted(files)


def test_one_group_alone_is_not_torn_for_a_validation(tmp_path: Path) -> None:
    rows = [{"image": "a.png", "group": 1}, {"image": "b.png", "group": 1}]
    data = DataList(write_list(tmp_path, {"training": rows}))
    assert len(data.validation) == 2
    with pytest.raises(InputError, match="the split 'training' has no cases"):
        _ = data.training


def test_each_fold_is_the_test_split_once_and_the_data_set_s_own_stays_out(tmp_path: Path) -> None:
    lay(tmp_path, *(f"{folder}/case{number:02d}.png" for number in range(40) for folder in ("images", "masks")))
    own_test = {case["image"] for case in DataList(tmp_path).test}
    seen: list[str] = []
    for fold in range(4):
        cases = DataList(tmp_path, fold=fold, folds=4)
        parts = [{case["image"] for case in cases.cases(split)} for split in ("training", "validation", "test")]
        assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
        assert not own_test & set.union(*parts)
        seen += parts[2]
    assert len(seen) == len(set(seen)) == 40 - len(own_test)
    with pytest.raises(InputError, match=r"there is no fold 4; give one of \[0, 1, 2, 3\]"):
        DataList(tmp_path, fold=4, folds=4)
