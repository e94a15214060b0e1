"""Splits of planned sets: by hash, or in equal parts where there are too few groups for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monai_seg.data.splits import deal_cases
from monai_seg.errors import InputError
from monai_seg.plan.dealing import planned_splits
from monai_seg.plan.pairing import Paired


def paired(count: int, is_standard: bool = True) -> Paired:
    cases = [{"image": f"/set/images/c{number}.png", "label": f"/set/masks/c{number}.png"} for number in range(count)]
    return Paired(Path("/set"), cases, "equal names", is_standard=is_standard)


def test_many_cases_are_dealt_by_the_hash_and_need_a_list_only_for_names_or_groups():
    said: list[str] = []
    assert planned_splits(paired(60), {}, said.append) is None
    other = paired(60, is_standard=False)
    assert planned_splits(other, {}, said.append) == deal_cases(other.cases)
    groups = {f"/set/images/c{number}.png": f"p{number // 3}" for number in range(60)}
    found = planned_splits(paired(60), groups, said.append)
    assert found is not None and said == []
    place = {case["group"]: split for split, cases in found.items() for case in cases}
    assert all(place[case["group"]] == split for split, cases in found.items() for case in cases)


@pytest.mark.parametrize("count", [3, 4, 5])
def test_few_cases_fill_each_split(count: int):
    said: list[str] = []
    groups = {f"/set/images/c{number}.png": f"p{number % count}" for number in range(2 * count)}
    found = planned_splits(paired(2 * count), groups, said.append)
    assert found is not None
    if said:
        assert said == [f"{count} groups are too few to be dealt by their names' hash, so in equal parts: "
                        f"{2 * count - 4} training, 2 validation, 2 test"]
        assert [len(found[split]) for split in ("validation", "test")] == [2, 2]
    assert all(found.values())
    sets = [{case["group"] for case in cases} for cases in found.values()]
    assert sum(map(len, sets)) == len(set.union(*sets)) == count


def test_four_images_leave_a_split_empty_by_the_hash_and_are_dealt_in_parts():
    hashed = deal_cases(paired(4).cases)
    assert not all(hashed.values())  # otherwise this tests nothing
    said: list[str] = []
    found = planned_splits(paired(4), {}, said.append)
    assert found is not None and {split: len(cases) for split, cases in found.items()} == \
        {"training": 2, "validation": 1, "test": 1}
    assert len(said) == 1


def test_too_few_groups_are_told():
    everything = {f"/set/images/c{number}.png": "one" for number in range(9)}
    with pytest.raises(InputError, match=r"^/set: has 9 images, of which 1 can be told apart; training, validation"):
        planned_splits(paired(9), everything, print)
    with pytest.raises(InputError, match=r"^/set: has 2 images; training, validation and test need one each"):
        planned_splits(paired(2), {}, print)
