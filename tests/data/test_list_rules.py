from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monai_seg.data.datalist import read_datalist
from monai_seg.data.list_rules import read_list
from monai_seg.errors import InputError

A, B = {"image": "a.png", "group": 1}, {"image": "b.png", "group": "1"}


def write(folder: Path, content: Any) -> Path:
    for name in "abc":
        (folder / f"{name}.png").touch()
    (folder / "datalist.json").write_text(json.dumps(content))
    return folder / "datalist.json"


def test_all_faults_are_collected_with_their_places(tmp_path: Path) -> None:
    cases, faults = read_list(write(tmp_path, {
        "training": [A, {"image": "gone.png"}, {"image": "c.png", "label": []}], "validation": [B], "test": [A]}))
    assert [(split, Path(case["image"]).name) for split, case in cases] == [
        ("training", "a.png"), ("validation", "b.png"), ("test", "a.png")]
    assert [(fault.kind, fault.cases) for fault in faults] == [
        ("entry of the list", ()), ("entry of the list", ()), ("listed twice", (2, 0)),
        ("group in two splits", (0, 1, 2))]


def test_training_tells_the_first_fault_and_counts_the_others(tmp_path: Path) -> None:
    path = write(tmp_path, {"training": [{"image": "gone.png"}, A, A]})
    with pytest.raises(InputError, match=r"gone\.png: no such file, .* \(1 other case cannot be used either: 1 .* is "
                       r"listed twice \(training and training\)\); restore the file"):
        read_datalist(path)


@pytest.mark.parametrize("name", [
    "a.png", "./a.png", "sub//a.png", "sub/./a.png", "sub/../a.png", ".a.png", "sub/.a.png"])
def test_paths_are_tidied_as_pathlib_does(tmp_path: Path, name: str) -> None:
    (tmp_path / "sub").mkdir()
    for file in ("a.png", ".a.png", "sub/a.png", "sub/.a.png"):
        (tmp_path / file).touch()
    cases, faults = read_list(write(tmp_path, {"training": [{"image": name}]}))
    assert not faults
    assert [case["image"] for _, case in cases] == [str(tmp_path / name)]
