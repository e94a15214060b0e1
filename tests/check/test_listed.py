from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monai_seg.check.listed import read_cases
from monai_seg.data.datalist import read_datalist
from monai_seg.errors import InputError

GOOD = {"image": "images/c0.png", "label": "masks/c0.png"}


def write(folder: Path, content: Any) -> Path:
    (folder / "datalist.json").write_text(json.dumps(content))
    return folder / "datalist.json"


def test_cases_keep_split_group_and_several_labels(pairs: Callable[..., Path]) -> None:
    second = {"image": "images/c1.png", "label": ["masks/c0.png", "masks/c1.png"], "group": 7}
    path = write(pairs(2), {"training": [GOOD], "test": [second]})
    one, other = read_cases(path).cases
    assert (one.name, one.split, one.group) == ("images/c0.png", "training", None)
    assert (other.split, other.group) == ("test", "7")
    assert other.label == tuple(str(path.parent / "masks" / name) for name in ("c0.png", "c1.png"))


FAULTY: list[Any] = [
    "images/c0.png", {"label": "masks/c0.png"}, {"image": ["images/c0.png"]}, {"image": 3},
    {"image": "images/c0.png", "label": 3}, {"image": "../x.png"}, {"image": "images/gone.png"},
    {"image": "images/c0.png", "label": "masks/gone.png"},
]  # fmt: skip


@pytest.mark.parametrize("entry", FAULTY, ids=str)
def test_an_entry_is_refused_in_the_words_of_training(entry: Any, pairs: Callable[..., Path]) -> None:
    path = write(pairs(2), {"training": [entry, GOOD]})
    with pytest.raises(InputError) as error:
        read_datalist(path)
    assert [finding.line for finding in read_cases(path).findings] == [str(error.value)]


def test_all_faulty_entries_are_found_and_the_good_one_is_kept(pairs: Callable[..., Path]) -> None:
    found = read_cases(write(pairs(2), {"training": [*FAULTY, GOOD]}))
    assert len(found.findings) == len(FAULTY)
    assert [case.name for case in found.cases] == ["images/c0.png"]


def test_an_image_is_listed_twice_by_another_name(pairs: Callable[..., Path]) -> None:
    found = read_cases(write(pairs(2), {"training": [GOOD], "test": [{**GOOD, "image": "images/../images/c0.png"}]}))
    (finding,) = found.findings
    assert (finding.kind, finding.cases) == ("listed twice", (1, 0))
    assert "(training and test)" in finding.cause


@pytest.mark.parametrize("content", [[], {"cases": []}, {"training": [], "test": {"a": 1}}])
def test_what_is_no_list_ends_the_check(content: Any, pairs: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match=r"datalist\.json"):
        read_cases(write(pairs(1), content))


def test_an_empty_list_is_an_error(pairs: Callable[..., Path]) -> None:
    assert [finding.kind for finding in read_cases(write(pairs(1), {"training": []})).findings] == ["empty list"]
