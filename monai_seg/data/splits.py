"""Which split and which fold a group falls into: by a hash of its name alone, so that adding cases never moves others.

A group is what must not be torn apart, say a patient; a case without one is a group by itself, named as its image. The
hash knows nothing of classes, sizes or other groups. So each class and each stratum is dealt with the same shares, but
for the luck of the draw, which grows as a stratum gets small; `achieved_shares` tells what came of it. Exact shares per
stratum cannot be had along with stability: a quota that is full sends the next group elsewhere, so that a group added
in the middle of the order would move those behind it.

With seed 0 the splits are those of a data set without ``datalist.json``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monai_seg.errors import InputError

SPLITS = ("training", "validation", "test")
TEST_SHARE = 0.2
VALIDATION_SHARE = 0.2  # of what is not test
MOST_FOLDS = 100


@dataclass(frozen=True)
class Shares:
    """The expected share of the groups in each split.

    Args:
        training, validation, test: 0 to 1 each, 1 together, training above 0.

    Raises:
        InputError: they are not.
    """

    training: float = (1 - TEST_SHARE) * (1 - VALIDATION_SHARE)
    validation: float = (1 - TEST_SHARE) * VALIDATION_SHARE
    test: float = TEST_SHARE

    def __post_init__(self) -> None:
        parts = (self.training, self.validation, self.test)
        if not all(0 <= part <= 1 for part in parts) or self.training == 0 or abs(sum(parts) - 1) > 1e-6:
            raise InputError("shares", f"training {parts[0]:g}, validation {parts[1]:g}, test {parts[2]:g}",
                             "give three shares from 0 to 1 that add up to 1, training above 0")


DEFAULT_SHARES = Shares()


def group_name(case: Mapping[str, Any]) -> str:
    """Return the group of ``case``, or the stem of its image's name where it has none."""
    return str(case["group"]) if case.get("group") is not None else Path(case["image"]).stem


def split_of(group: str, shares: Shares = DEFAULT_SHARES, seed: int = 0) -> str:
    """Return the split of ``group``, one of `SPLITS`."""
    if hash_share(_purpose("test", seed), group) < shares.test:
        return "test"
    of_the_rest = shares.validation / (1 - shares.test)  # training is above 0, so the rest is, too
    return "validation" if hash_share(_purpose("validation", seed), group) < of_the_rest else "training"


def fold_of(group: str, folds: int, seed: int = 0) -> int:
    """Return the fold of ``group``, 0..folds-1.

    Raises:
        InputError: fewer than 2 folds, or more than `MOST_FOLDS`.
    """
    if not 2 <= folds <= MOST_FOLDS:
        raise InputError("folds", f"{folds} folds", f"give a number from 2 to {MOST_FOLDS}")
    return int(hash_share(_purpose("fold", seed), group) * folds)


def deal_cases(
    cases: Sequence[Mapping[str, Any]], shares: Shares = DEFAULT_SHARES, seed: int = 0, folds: int | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Deal ``cases`` into `SPLITS`, in their order.

    Args:
        cases: each with ``image`` and optionally ``group``.
        shares: expected shares of the groups.
        seed: another seed gives other splits and folds.
        folds: give each case that is not in test a ``fold`` 0..folds-1; test is the same for all folds.
    """
    splits: dict[str, list[dict[str, Any]]] = {split: [] for split in SPLITS}
    for case in cases:
        group = group_name(case)
        split = split_of(group, shares, seed)
        splits[split].append({**case, **fold_entry(split, group, folds, seed)})
    return splits


def stratified_folds(cases: Sequence[Mapping[str, Any]], folds: int, seed: int = 0) -> list[int]:
    """Return the fold 0..folds-1 of each case, folds of equal size within each class as far as groups allow.

    The groups of a class (that of a group's first case), the largest first and those of equal size by a hash, go one
    after the other to the fold that has the fewest cases of the class so far. Cases that are added may move others,
    unlike by `fold_of`: the folds of one cross-validation matter together, and small sets need them even.

    Raises:
        InputError: fewer than 2 folds, or more than there are groups.
    """
    members: dict[str, list[int]] = {}
    for index, case in enumerate(cases):
        members.setdefault(group_name(case), []).append(index)
    if not 2 <= folds <= min(MOST_FOLDS, len(members)):
        raise InputError("folds", f"{folds} folds of {len(members)} groups",
                         f"give a number from 2 to {min(MOST_FOLDS, len(members))}")
    dealt = [0] * len(cases)
    sizes: dict[Any, list[int]] = {}
    totals = [0] * folds
    purpose = _purpose("stratified fold", seed)
    for group in sorted(members, key=lambda name: (-len(members[name]), hash_share(purpose, name))):
        of_class = sizes.setdefault(cases[members[group][0]].get("class"), [0] * folds)
        fold = min(range(folds), key=lambda number: (of_class[number], totals[number], number))
        of_class[fold] += len(members[group])
        totals[fold] += len(members[group])
        for index in members[group]:
            dealt[index] = fold
    return dealt


def fold_entry(split: str, group: str, folds: int | None, seed: int = 0) -> dict[str, int]:
    """Return what a case of ``group`` in ``split`` gets for its fold: nothing without folds, and nothing in test."""
    return {} if folds is None or split == "test" else {"fold": fold_of(group, folds, seed)}


def achieved_shares(
    splits: Mapping[str, Sequence[Mapping[str, Any]]], key: str = "class"
) -> dict[Any, dict[str, int]]:
    """Return the number of cases of each stratum (value of ``key``; None where a case has none) in each split."""
    counts: dict[Any, dict[str, int]] = {}
    for split in SPLITS:
        for case in splits[split]:
            stratum = counts.setdefault(case.get(key), dict.fromkeys(SPLITS, 0))
            stratum[split] += 1
    return dict(sorted(counts.items(), key=lambda item: str(item[0])))


def hash_share(purpose: str, name: str) -> float:
    """Return a number in [0, 1) that depends on the two texts alone, evenly spread over names."""
    digest = hashlib.sha256(f"{purpose}:{name}".encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53  # 53 bits: what a float holds without reaching 1


def _purpose(name: str, seed: int) -> str:
    return f"{name} {seed}" if seed else name
