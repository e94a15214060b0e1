from __future__ import annotations

import json
from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.datalist_file import left_out, write_datalist

FACTS = {"prepared_by": "test"}


def splits(**cases: list[dict]) -> dict[str, list[dict]]:
    return {"training": [], "validation": [], "test": [], **cases}


def test_paths_are_written_below_the_folder(tmp_path: Path) -> None:
    masks = [tmp_path / "m" / "a.png", tmp_path / "n" / "a.png"]
    case = {"image": tmp_path / "i" / "a.png", "label": masks, "class": 2}
    path = write_datalist(tmp_path, splits(test=[case]), FACTS)
    assert json.loads(path.read_text()) == {
        "prepared_by": "test", "training": [], "validation": [],
        "test": [{"image": "i/a.png", "label": ["m/a.png", "n/a.png"], "class": 2}]}


def test_a_file_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lies outside of"):
        write_datalist(tmp_path / "sub", splits(test=[{"image": tmp_path / "a.png"}]), FACTS)


def test_the_list_of_others_is_kept(tmp_path: Path) -> None:
    for text in ('{"training": []}', "[]", "{"):
        (tmp_path / "datalist.json").write_text(text)
        with pytest.raises(InputError, match="was not written by this program"):
            write_datalist(tmp_path, splits(), FACTS)
        assert (tmp_path / "datalist.json").read_text() == text


def test_a_list_may_grow_but_its_cases_may_not_move(tmp_path: Path) -> None:
    a, b = {"image": "a.png"}, {"image": "b.png"}
    write_datalist(tmp_path, splits(training=[a]), FACTS)
    write_datalist(tmp_path, splits(training=[a], test=[b]), FACTS)
    with pytest.raises(InputError, match=r"1 of its cases would move, a\.png from training to test"):
        write_datalist(tmp_path, splits(test=[a, b]), FACTS)
    write_datalist(tmp_path, splits(training=[{**a, "fold": 1}], test=[b]), FACTS)  # folds may come later
    with pytest.raises(InputError, match=r"a\.png from training, fold 1 to training, fold 0"):
        write_datalist(tmp_path, splits(training=[{**a, "fold": 0}], test=[b]), FACTS)
    with pytest.raises(InputError, match=r"a\.png from training, fold 1 to training;"):
        write_datalist(tmp_path, splits(training=[a], test=[b]), FACTS)


def test_an_equal_list_is_not_written_again(tmp_path: Path) -> None:
    path = write_datalist(tmp_path, splits(training=[{"image": "a.png"}]), FACTS)
    before = path.stat().st_ino
    write_datalist(tmp_path, splits(training=[{"image": "a.png"}]), FACTS)
    assert path.stat().st_ino == before


def test_cases_that_are_gone_are_told(tmp_path: Path) -> None:
    assert left_out(tmp_path / "datalist.json", []) == ""
    path = write_datalist(tmp_path, splits(training=[{"image": "a.png"}, {"image": "b.png"}]), FACTS)
    assert left_out(path, ["a.png", "b.png"]) == ""
    assert left_out(path, ["b.png"]) == "1 cases of the former list are gone (a.png)"
