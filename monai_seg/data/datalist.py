"""The list of cases of a data set: read from ``datalist.json``, or found by name and split by a hash.

A case is a dictionary in MONAI's form: ``image`` and, where there is a truth, ``label`` (file paths), optionally
``group`` (patient), ``class`` and ``fold``. Splits are ``training``, ``validation`` and ``test``.

Without ``datalist.json`` images and masks are paired by name and each group falls into a split by a hash of its name
alone: 64 % training, 16 % validation, 20 % test. So adding a case never moves another one. A list without validation
has it taken from training by the same hash. Only where there are so few cases that the hash leaves validation empty,
the group nearest to it is taken, which a later group may release again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from monai_seg.data.case_fault import told_together
from monai_seg.data.list_rules import LIST_NAME, Case, read_list
from monai_seg.data.pairs import find_pairs
from monai_seg.data.splits import (
    SPLITS,
    VALIDATION_SHARE,
    deal_cases,
    group_name,
    hash_share,
    stratified_folds,
)
from monai_seg.errors import InputError


class DataList:
    """The cases of a data set by split, with absolute file paths.

    Args:
        dataset_dir: folder that holds ``datalist.json``, or images and masks that `find_pairs` can pair.
        hint: what to tell a user whose ``dataset_dir`` does not exist; parts of it in a list, as JSON lines are short.
        fold: for a cross-validation, which of the ``folds`` is the test split; the data set's own test split is left
            out, and the other folds are training and validation. Cases that have a ``fold`` each keep it.
        folds: how many.

    Raises:
        InputError: there is no such folder or fold; no pairs; an image without mask or the other way round; a list that
            is no list, leaves the folder, names a file twice or puts a group into two splits.
    """

    def __init__(
        self,
        dataset_dir: str | Path,
        hint: str | Sequence[str] = "point --dataset_dir at your data set",
        fold: int | None = None,
        folds: int = 5,
    ) -> None:
        self.dataset_dir = Path(dataset_dir)
        if not self.dataset_dir.is_dir():
            raise InputError(self.dataset_dir.absolute(), "no data set here",
                             hint if isinstance(hint, str) else " ".join(hint))
        path = self.dataset_dir / LIST_NAME
        splits = read_datalist(path) if path.is_file() else split_cases(find_pairs(self.dataset_dir))
        if fold is not None:
            splits = _fold_apart([*splits["training"], *splits["validation"]], fold, folds)
        self.splits = _with_validation(splits)

    @property
    def training(self) -> list[Case]:
        return self.cases("training")

    @property
    def validation(self) -> list[Case]:
        return self.cases("validation")

    @property
    def test(self) -> list[Case]:
        return self.cases("test")

    def cases(self, split: str) -> list[Case]:
        """Return the cases of ``split``.

        Raises:
            InputError: no such split, or it is empty.
        """
        if split not in SPLITS:
            raise InputError(f"split {split!r}", "no such split", f"choose one of {', '.join(SPLITS)}")
        if not self.splits[split]:
            raise InputError(self.dataset_dir, f"the split {split!r} has no cases",
                             "add cases, or write a datalist.json that names them")
        return self.splits[split]

    def names(self, split: str) -> list[str]:
        """Return a name for each case of ``split``: its image's path below the data set."""
        root = os.path.join(self.dataset_dir.absolute(), "")
        return [str(case["image"]).removeprefix(root).replace(os.sep, "/") for case in self.cases(split)]


def split_cases(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Deal ``cases`` into the splits by the hash of their group (of their image's name where they have none)."""
    return deal_cases(cases)


def read_datalist(path: Path) -> dict[str, list[Case]]:
    """Read a list in MONAI's format and check it; paths become absolute.

    Raises:
        InputError: see `DataList`.
    """
    listed, faults = read_list(path)
    if faults:
        raise told_together([fault.error for fault in faults])
    return {split: [case for of, case in listed if of == split] for split in SPLITS}


def _fold_apart(cases: list[Case], fold: int, folds: int) -> dict[str, list[Case]]:
    given = all("fold" in case for case in cases)
    dealt = [case["fold"] for case in cases] if given else stratified_folds(cases, folds)
    if fold not in set(dealt):
        raise InputError("fold", f"there is no fold {fold!r}", f"give one of {sorted(set(dealt))}")
    return {"training": [case for case, number in zip(cases, dealt, strict=True) if number != fold], "validation": [],
            "test": [case for case, number in zip(cases, dealt, strict=True) if number == fold]}


def _with_validation(splits: dict[str, list[Case]]) -> dict[str, list[Case]]:
    if splits["validation"] or len(splits["training"]) < 2:
        return splits
    shares = {group: hash_share("validation", group) for group in map(group_name, splits["training"])}
    held_out = {group for group, share in shares.items() if share < VALIDATION_SHARE}
    if not held_out or len(held_out) == len(shares):
        held_out = {min(shares, key=lambda group: shares[group])}
    return {**splits, "training": [case for case in splits["training"] if group_name(case) not in held_out],
            "validation": [case for case in splits["training"] if group_name(case) in held_out]}
