"""Cases for a classifier: each with a class that is checked, and of the training set the share that is asked for."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monai_seg.data.datalist import DataList
from monai_seg.data.list_rules import LIST_NAME, Case
from monai_seg.data.splits import hash_share
from monai_seg.errors import InputError

logger = logging.getLogger(__name__)


def class_cases(
    cases: DataList, split: str, class_names: Sequence[str], share: float = 1.0, labelled: bool = False
) -> list[Case]:
    """Return the cases of ``split``, or a share of each class, with ``class`` checked and without ``label``.

    Which cases are taken depends on their names alone: the share of 10 % is part of that of 20 %, and adding a case
    moves at most one other of its class in or out.

    Args:
        cases: the data set; its ``datalist.json`` gives each case a ``class`` 0, 1, …
        split: one of the list's.
        class_names: the classes in the order of their ids; compared with ``class_names`` of the list where it has them.
        share: of each class that is taken, above 0 and at most 1; at least one case of a class that has any.
        labelled: keep ``label``, for networks that give masks as well.

    Raises:
        InputError: a case has no class, or one that is none of ``class_names``; the list names other classes; ``share``
            is none; ``labelled`` and a case has no mask.
    """
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 < share <= 1:
        raise InputError("train_fraction", f"must be above 0 and at most 1, got {share!r}",
                         "give --train_fraction 0.1, say")
    _check_names(cases.dataset_dir, class_names)
    given = cases.cases(split)
    if without := [case["image"] for case in given if labelled and "label" not in case]:
        raise InputError(without[0], f"{len(without)} of {len(given)} cases of the {split} split have no label",
                         "add their masks, or choose a config that needs none")
    by_class: dict[int, list[tuple[float, str, Case]]] = {}
    for name, case in zip(cases.names(split), cases.cases(split), strict=True):
        id = _class_of(case, len(class_names), cases.dataset_dir)
        by_class.setdefault(id, []).append((hash_share("train_fraction", name), name, case))
    taken = {name for ranked in by_class.values() for _, name, _ in sorted(ranked, key=lambda entry: entry[:2])[
        : max(1, math.floor(share * len(ranked) + 0.5))]}  # half and more is rounded up
    if share < 1:
        counts = ", ".join(f"{class_names[id]} {sum(entry[1] in taken for entry in ranked)} of {len(ranked)}"
                           for id, ranked in sorted(by_class.items()))
        logger.info(f"{split} on {len(taken)} of {len(cases.cases(split))} cases: {counts}")
    return [{key: value for key, value in case.items() if labelled or key != "label"}
            for name, case in zip(cases.names(split), cases.cases(split), strict=True) if name in taken]


def image_names(cases: DataList, chosen: Sequence[Case]) -> list[str]:
    """Return a name for each of ``chosen``: its image's path below the data set."""
    root = cases.dataset_dir.absolute()
    return [Path(case["image"]).relative_to(root).as_posix() for case in chosen]


def _class_of(case: Case, classes: int, folder: Path) -> int:
    id: Any = case.get("class")
    if id is None:
        raise InputError(case["image"], f"has no class in {folder / LIST_NAME}",
                         'give each case "class": 0, 1, … in the order of class_names')
    if not isinstance(id, int) or isinstance(id, bool) or not 0 <= id < classes:
        raise InputError(case["image"], f"has the class {id!r}, class_names has {classes}",
                         f"give a whole number from 0 to {classes - 1}, or name all classes")
    return id


def _check_names(folder: Path, class_names: Sequence[str]) -> None:
    path = folder / LIST_NAME
    told = json.loads(path.read_text(encoding="utf-8")).get("class_names") if path.is_file() else None
    if told is not None and list(told) != list(class_names):
        raise InputError("class_names", f"are {', '.join(class_names)}, {path} says {', '.join(map(str, told))}",
                         "name them as the list does, in its order")
