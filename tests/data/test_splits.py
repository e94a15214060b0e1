from __future__ import annotations

import hashlib

import numpy as np
import pytest

from monai_seg.data.splits import (
    SPLITS,
    Shares,
    achieved_shares,
    deal_cases,
    fold_entry,
    fold_of,
    group_name,
    hash_share,
    split_of,
    stratified_folds,
)
from monai_seg.errors import InputError


def cases(count: int, groups: int = 0) -> list[dict]:
    return [{"image": f"images/{i}.png", **({"group": f"g{i % groups}"} if groups else {})} for i in range(count)]


def places(splits: dict[str, list[dict]]) -> dict[str, tuple]:
    return {case["image"]: (split, case.get("fold")) for split in SPLITS for case in splits[split]}


def test_a_hash_is_the_first_bytes_of_sha256_as_a_fraction() -> None:
    first = hashlib.sha256(b"test:patient 7").digest()[0]
    assert int(hash_share("test", "patient 7") * 256) == first


def test_hashes_are_spread_evenly() -> None:
    shares = [hash_share("test", str(i)) for i in range(2000)]
    assert np.histogram(shares, bins=4, range=(0, 1))[0] == pytest.approx(500, abs=80)  # 4 standard deviations of 19.4


def test_purposes_are_independent() -> None:
    pairs = [(hash_share("test", str(i)) < 0.5, hash_share("validation", str(i)) < 0.5) for i in range(2000)]
    assert sum(first and second for first, second in pairs) == pytest.approx(500, abs=80)


def test_the_shares_are_as_asked() -> None:
    found = [split_of(str(i), Shares(0.5, 0.3, 0.2)) for i in range(4000)]
    assert [found.count(split) / 4000 for split in SPLITS] == pytest.approx([0.5, 0.3, 0.2], abs=0.03)


def test_each_stratum_gets_the_shares() -> None:
    strata = [{"image": f"{i}.png", "class": int(i % 10 == 0)} for i in range(20000)]
    counts = achieved_shares(deal_cases(strata))
    rare = counts[1]
    assert sum(rare.values()) == 2000
    assert rare["test"] / 2000 == pytest.approx(0.20, abs=0.036)  # 4 standard deviations of 0.009


def test_a_share_of_nothing_is_nothing() -> None:
    splits = deal_cases(cases(300), Shares(0.7, 0.3, 0.0))
    assert splits["test"] == []
    assert deal_cases(cases(300), Shares(1, 0, 0))["training"] == cases(300)


@pytest.mark.parametrize("shares", [(0.5, 0.2, 0.2), (0, 0.5, 0.5), (1.2, -0.1, -0.1), (float("nan"), 0.5, 0.5)])
def test_impossible_shares_are_refused(shares: tuple[float, float, float]) -> None:
    with pytest.raises(InputError, match="add up to 1"):
        Shares(*shares)


@pytest.mark.parametrize("folds", [None, 5])
@pytest.mark.parametrize("groups", [0, 40])
def test_adding_cases_and_groups_moves_none(folds: int | None, groups: int) -> None:
    few = places(deal_cases(cases(100, groups), folds=folds))
    many = places(deal_cases([*cases(400, groups)[::-1], {"image": "new.png", "group": "new"}], folds=folds))
    assert few == {image: many[image] for image in few}


def test_a_group_that_gets_a_lesion_stays_where_it_is() -> None:
    empty = [{"image": "a.png", "group": "p", "class": 0}]
    grown = [*empty, {"image": "b.png", "group": "p", "class": 1}]
    assert places(deal_cases(grown))["a.png"] == places(deal_cases(empty))["a.png"]


def test_a_group_is_in_one_split_and_one_fold() -> None:
    splits = deal_cases(cases(1000, groups=50), folds=5)
    found = {}
    for image, place in places(splits).items():
        found.setdefault(int(image.split("/")[1][:-4]) % 50, set()).add(place)
    assert all(len(each) == 1 for each in found.values())


def test_another_seed_deals_otherwise() -> None:
    first, second = (places(deal_cases(cases(200), seed=seed)) for seed in (0, 1))
    assert first != second
    assert first == places(deal_cases(cases(200)))


def test_folds_are_even_and_outside_of_test() -> None:
    splits = deal_cases(cases(5000), folds=4)
    assert not any("fold" in case for case in splits["test"])
    folds = [case["fold"] for case in splits["training"] + splits["validation"]]
    assert [folds.count(fold) / len(folds) for fold in range(4)] == pytest.approx([0.25] * 4, abs=0.028)


@pytest.mark.parametrize("folds", [1, 0, -3, 1000])
def test_impossible_folds_are_refused(folds: int) -> None:
    with pytest.raises(InputError, match="give a number from 2 to 100"):
        fold_of("a", folds)


def test_published_test_cases_have_no_fold() -> None:
    assert fold_entry("test", "a", 5) == {}
    assert fold_entry("training", "a", None) == {}
    assert fold_entry("training", "a", 5) == {"fold": fold_of("a", 5)}


def test_a_case_without_group_is_named_by_its_image() -> None:
    assert group_name({"image": "images/a.b.png"}) == "a.b"
    assert group_name({"image": "images/a.png", "group": 0}) == "0"


def test_achieved_shares_count_cases_by_class_and_split() -> None:
    splits = {"training": [{"class": 1}, {"class": 0}, {"class": 1}], "validation": [{"class": 1}], "test": []}
    assert achieved_shares(splits) == {0: {"training": 1, "validation": 0, "test": 0},
                                       1: {"training": 2, "validation": 1, "test": 0}}


def test_stratified_folds_are_even_within_each_class_and_keep_groups_together():
    cases = [{"image": f"{i}.png", "class": (i // 2) % 3, "group": f"p{i // 2}" if i < 20 else f"q{i}"}
             for i in range(60)]
    dealt = stratified_folds(cases, 5)
    for kind in range(3):
        counts = [sum(fold == number and case["class"] == kind for fold, case in zip(dealt, cases, strict=True))
                  for number in range(5)]
        assert max(counts) - min(counts) <= 2, "groups of two may tip it"
    groups: dict[str, set[int]] = {}
    for case, fold in zip(cases, dealt, strict=True):
        groups.setdefault(case["group"], set()).add(fold)
    assert all(len(folds) == 1 for folds in groups.values())
    assert stratified_folds(cases, 5) == dealt and stratified_folds(cases, 5, seed=1) != dealt


def test_more_folds_than_groups_are_refused():
    with pytest.raises(InputError, match="3 folds of 2 groups; give a number from 2 to 2"):
        stratified_folds([{"image": "a"}, {"image": "b"}], 3)
