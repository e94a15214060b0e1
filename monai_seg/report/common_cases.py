"""The cases that several runs were all scored on, found by their place in the data set."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monai_seg.data.datalist import DataList
from monai_seg.errors import InputError
from monai_seg.report.predict import case_key
from monai_seg.report.run_files import RunFiles
from monai_seg.report.scored_case import number

Row = dict[str, str]


@dataclass(frozen=True)
class CommonCases:
    """What runs can be compared by.

    Args:
        split, score: what is compared.
        keys: paths of the images below their data sets, sorted.
        rows: of each run, one for each key.
        values: the score, (runs, cases).
        groups: patient of each case, None where they are not known.
        notes: what was left out.
    """

    split: str
    score: str
    keys: list[str]
    rows: list[list[Row]]
    values: NDArray[np.float64]
    groups: list[str] | None
    notes: list[str]


def common_cases(runs: Sequence[RunFiles], split: str | None, score: str) -> CommonCases:
    """Return the cases of ``split`` that all ``runs`` have a score for.

    Args:
        runs: two or more.
        split: None for the first that all were evaluated on, test before validation.
        score: column of cases.csv.

    Raises:
        InputError: no common split or case, no such column, another truth for one case, or no case with a score.
    """
    names = " and ".join(str(run.folder) for run in runs)
    for run in runs:
        if not run.cases:
            raise InputError(run.folder / "cases.csv", "has no scored cases",
                             "evaluate the run first (python -m monai.bundle run evaluation …)")
    shared = [name for name in runs[0].splits() if all(run.of_split("cases", name) for run in runs)]
    if not shared or (split is not None and split not in shared):
        raise InputError(names, f"have no split {split!r} in common" if split else "have no split in common",
                         f"give --split {' or '.join(shared)}" if shared else "evaluate both on the same split")
    chosen = split or shared[0]
    tables = [_by_key(run, chosen, _roots(run) or [root for other in runs for root in _roots(other)]) for run in runs]
    keys = sorted(set.intersection(*(set(table) for table in tables)))
    if not keys:
        raise InputError(names, f"have no case of the split {chosen} in common",
                         "compare runs that were evaluated on the same data set")
    rows = [[table[key] for key in keys] for table in tables]
    for run, of_run in zip(runs, rows, strict=True):
        if score not in of_run[0]:
            numbers = [name for name, cell in of_run[0].items() if not math.isnan(number(cell))]
            raise InputError(run.folder / "cases.csv", f"has no score {score!r}",
                             f"give --score with one of {', '.join(numbers[:12])}")
    _refuse_other_truths(names, keys, rows)
    values = np.array([[number(row[score]) for row in of_run] for of_run in rows])
    if score.startswith("area_error"):
        values = np.abs(values)  # it has a sign in cases.csv
    defined = np.isfinite(values).all(axis=0)
    if not defined.any():
        raise InputError(names, f"have no case in common for which {score} is defined", "choose another --score")
    kept = np.flatnonzero(defined)
    notes = _left_out(runs, tables, keys, len(keys) - kept.size, score)
    keys = [keys[place] for place in kept]
    groups = _groups(next((run for run in runs if _roots(run)), runs[0]), chosen, keys)
    if groups is None:
        notes.append("patients are not known, so intervals draw single images")
    return CommonCases(chosen, score, keys, [[of_run[place] for place in kept] for of_run in rows], values[:, kept],
                       groups, notes)


def _roots(run: RunFiles) -> list[str]:
    """Return the data set of a run; nothing where an evaluation wrote elsewhere than into the run's folder."""
    root = (run.config or {}).get("dataset_dir")
    return [] if root is None else [str(root)]


def _by_key(run: RunFiles, split: str, roots: Sequence[str]) -> dict[str, Row]:
    found = {}
    for row in run.of_split("cases", split):
        if image := row.get("image"):
            below = [key for root in roots if (key := case_key(image, root)) != image]
            found[below[0] if below else image] = row
    return found


def _refuse_other_truths(names: str, keys: Sequence[str], rows: Sequence[Sequence[Row]]) -> None:
    columns = [name for name in rows[0][0] if name.startswith("label_area_px") or name == "class"]
    columns = [name for name in columns if all(name in of_run[0] for of_run in rows)]
    other = [key for place, key in enumerate(keys)
             if len({tuple(of_run[place][name] for name in columns) for of_run in rows}) > 1]
    if other:
        raise InputError(names, f"{len(other)} of {len(keys)} common cases have another truth in one of them, such as "
                         f"{other[0]}", "compare runs that were evaluated with the same masks")


def _left_out(runs: Sequence[RunFiles], tables: Sequence[Mapping[str, Row]], keys: Sequence[str], undefined: int,
              score: str) -> list[str]:  # fmt: skip
    notes = [f"{run.folder}: {len(table) - len(keys):,} cases are left out, the others lack them"
             for run, table in zip(runs, tables, strict=True) if len(table) > len(keys)]
    if undefined:
        notes.append(f"{undefined:,} common cases are left out, {score} is not defined for them")
    return notes


def _groups(run: RunFiles, split: str, keys: Sequence[str]) -> list[str] | None:
    """Return the patient of each case from the data list, None where that cannot be read."""
    root = (run.config or {}).get("dataset_dir")
    try:
        cases = DataList(Path(str(root))).cases(split)
    except InputError:
        return None
    known = {case_key(case["image"], root): case.get("group") for case in cases}
    if not any(key in known for key in keys):
        return None
    return [key if known.get(key) is None else str(known[key]) for key in keys]
