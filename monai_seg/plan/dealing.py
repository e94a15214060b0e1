"""Which cases of a planned set are trained on, and which validate and test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monai_seg.data.list_rules import Case
from monai_seg.data.splits import SPLITS, deal_cases, group_name, stratified_folds
from monai_seg.errors import InputError
from monai_seg.plan.pairing import Paired

MOST_FOLDS = 5  # test and validation get one each
FEWEST_GROUPS = 3


def planned_splits(
    paired: Paired, groups: Mapping[str, str], say: Callable[[str], object]
) -> dict[str, list[Case]] | None:
    """Return the splits that a list must hold; None where the data set's own list or names give them.

    By the hash of each group, as everywhere; where that leaves a split empty, as it may with a few groups, in parts of
    nearly equal size.

    Args:
        paired: the cases.
        groups: image -> group.
        say: takes a line where the hash did not do.

    Raises:
        InputError: fewer than three groups.
    """
    if paired.is_listed:
        return None
    cases = [_case(case, groups) for case in paired.cases]
    splits: dict[str, list[Case]] = deal_cases(cases)
    if all(splits.values()):
        return None if paired.is_standard and not groups else splits
    count = len({group_name(case) for case in cases})
    if count < FEWEST_GROUPS:
        what = f"{len(cases)} images, of which {count} can be told apart" if groups else f"{len(cases)} images"
        raise InputError(paired.root, f"has {what}; training, validation and test need one each",
                         "add images, or write a datalist.json")
    folds = stratified_folds(cases, min(MOST_FOLDS, count))
    splits = {split: [] for split in SPLITS}
    for case, fold in zip(cases, folds, strict=True):
        splits[{0: "test", 1: "validation"}.get(fold, "training")].append(case)
    told = ", ".join(f"{len(splits[split])} {split}" for split in SPLITS)
    say(f"{count} groups are too few to be dealt by their names' hash, so in equal parts: {told}")
    return splits


def _case(case: Mapping[str, Any], groups: Mapping[str, str]) -> Case:
    label = list(case["label"]) if isinstance(case["label"], tuple) else case["label"]
    group = {"group": groups[case["image"]]} if case["image"] in groups else {}
    return {"image": case["image"], "label": label, **group}
