from __future__ import annotations

from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.groups import Groups, group_entry


def test_the_first_bracket_is_the_group() -> None:
    assert Groups(regex=r"^(p\d+)_").of(["p1_a", "p1_b", "p22_a"]) == {"p1_a": "p1", "p1_b": "p1", "p22_a": "p22"}


def test_without_bracket_all_that_is_found_is_the_group() -> None:
    assert Groups(regex=r"p\d+").of(["scan_p7_a"]) == {"scan_p7_a": "p7"}


def test_names_without_the_expression_are_refused_or_groups_of_their_own() -> None:
    with pytest.raises(InputError, match=r"not found in 1 of 2 names \(q\)"):
        Groups(regex=r"^(p\d+)").of(["p1", "q"])
    assert Groups(regex=r"^(p\d+)", must_match=False).of(["p1", "q"]) == {"p1": "p1"}


def test_a_bad_expression_is_one_line() -> None:
    with pytest.raises(InputError, match="is no regular expression"):
        Groups(regex="(p")


def test_table_and_expression_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="choose one of them"):
        Groups(table=tmp_path / "t.csv", regex="p")


def test_a_table_gives_the_groups(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("image,site,patient\na.png,x,P1\nb.png,y,P1\n")
    assert Groups(tmp_path / "t.csv", "patient").of(["a", "b"]) == {"a": "P1", "b": "P1"}


def test_a_case_without_group_gets_no_entry() -> None:
    assert group_entry({"a": "P1"}, "a") == {"group": "P1"}
    assert group_entry({"a": "P1"}, "b") == {}
