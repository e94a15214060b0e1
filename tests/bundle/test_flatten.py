from __future__ import annotations

import json
from pathlib import Path

import pytest

from monai_seg.bundle import flatten
from monai_seg.bundle.flatten import walk
from monai_seg.errors import InputError


def write(folder: Path, **files: dict) -> None:
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_macros_are_written_out_and_expressions_are_not_evaluated(tmp_path: Path):
    write(tmp_path, main={"net": "%part.json::unet", "size": "$1 + @one", "one": 1}, part={"unet": {"in": "@one"}})
    assert flatten("main.json") == {"net": {"in": "@one"}, "size": "$1 + @one", "one": 1}


def test_overrides_win_and_may_be_macros_and_nested(tmp_path: Path):
    write(tmp_path, main={"net": "%a.json", "train": {"epochs": 1}}, a={"x": 1}, b={"y": 2})
    assert flatten("main.json", {"net": "%b.json", "train::epochs": 5}) == {"net": {"y": 2}, "train": {"epochs": 5}}


def test_a_macro_in_a_fragment_is_refused(tmp_path: Path):
    write(tmp_path, main={"net": "%a.json"}, a={"x": "%b.json"}, b={"y": 2})
    with pytest.raises(InputError, match=r"main\.json: net::x is still a macro; write the fragment"):
        flatten("main.json")


@pytest.mark.parametrize(("content", "cause"), [
    ({"net": "%a.json::z"}, r"main.json: a macro names an id that is not there \(query key: z\)"),
    ({"net": "%nope.json"}, r"nope.json: cannot be read \(No such file"),
])
def test_a_macro_without_aim_is_told(content: dict, cause: str, tmp_path: Path):
    write(tmp_path, main=content, a={"x": 1})
    with pytest.raises(InputError, match=cause):
        flatten("main.json")


def test_a_missing_or_broken_config_is_told(tmp_path: Path):
    with pytest.raises(InputError, match=r"nope.json: cannot be read"):
        flatten("nope.json")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(InputError, match=r"broken.json: not a readable config"):
        flatten("broken.json")


def test_walking_names_every_value_by_its_id():
    assert walk({"a": [1, {"b": 2}]}) == [
        ("a", [1, {"b": 2}]), ("a::0", 1), ("a::1", {"b": 2}), ("a::1::b", 2)]
