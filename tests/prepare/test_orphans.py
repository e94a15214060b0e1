from __future__ import annotations

from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.orphans import by_stem, first_names, match_names, orphans_in_words


def test_both_kinds_of_orphan_are_in_one_line_with_counts_and_names() -> None:
    message = "data: 2 images without mask \\(a, b\\), 1 mask without image \\(z\\); add what is missing"
    with pytest.raises(InputError, match=message):
        match_names(Path("data"), ["b", "a", "c"], {"mask": ["c", "z"]})


def test_orphans_are_left_out_when_told() -> None:
    assert match_names(Path("data"), ["b", "a", "c"], {"mask": ["c", "b", "z"]}, leave_out=True) == ["b", "c"]


def test_several_parts_are_told_together() -> None:
    told = orphans_in_words(["a", "b"], {"lung mask": ["a"], "infection mask": ["a", "b", "c"]})
    assert told == "1 image without lung mask (b), 1 infection mask without image (c)"


def test_many_names_are_cut() -> None:
    assert orphans_in_words(list("edcba"), {"mask": []}) == "5 images without mask (a, b, c, …)"
    assert first_names(["a", "b", "c"]) == "a, b, c"


def test_rows_are_counted_in_english() -> None:
    told = orphans_in_words(["a"], {"row of run lengths": ["a", "b", "c"]})
    assert told == "2 rows of run lengths without image (b, c)"


@pytest.mark.parametrize(("images", "masks", "match"), [
    ([], ["a"], "no images in it"), (["a"], ["b"], "no image has a mask of its name"),
])  # fmt: skip
def test_nothing_in_common_is_an_error_even_if_orphans_may_go(images: list, masks: list, match: str) -> None:
    with pytest.raises(InputError, match=match):
        match_names(Path("data"), images, {"mask": masks}, leave_out=True)


def test_stems_are_taken_without_their_ending() -> None:
    paths = [Path("m/a_seg.png"), Path("m/b.png"), Path("m/1.2.3_seg.png")]
    assert by_stem(paths, "_seg") == {"a": paths[0], "1.2.3": paths[2]}


def test_two_files_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match=r"b/x\.jpg: has the name of a/x\.png"):
        by_stem([Path("a/x.png"), Path("b/x.jpg")])
