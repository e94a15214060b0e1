"""The last step of every preparation: deal the cases, write the list, say what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monai_seg.data.splits import DEFAULT_SHARES, SPLITS, Shares, achieved_shares, deal_cases, fold_entry, group_name
from monai_seg.errors import InputError
from monai_seg.prepare.datalist_file import NAME, left_out, write_datalist

Cases = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Dealing:
    """How cases are dealt into splits.

    Args:
        seed: another seed deals otherwise.
        shares: expected share of each split; not used where the publisher has split the cases.
        folds: number of folds for cases outside of test, or None.
    """

    seed: int = 0
    shares: Shares = field(default_factory=lambda: DEFAULT_SHARES)
    folds: int | None = None


def finish(
    dataset_dir: Path,
    by: str,
    cases: Cases | Mapping[str, Cases],
    dealing: Dealing,
    class_names: Sequence[str] = (),
    notes: Sequence[str] = (),
) -> str:
    """Write ``datalist.json`` and return the report.

    Args:
        dataset_dir: the folder that image and label paths are below.
        by: the program, as the list names it.
        cases: to be dealt; or by split, as published.
        dealing: how.
        class_names: names of the values of ``class`` 0, 1, ...
        notes: lines for the report.

    Raises:
        InputError: published splits tear a group apart; or as `write_datalist`.
    """
    if isinstance(cases, Mapping):
        splits = {split: [{**case, **fold_entry(split, group_name(case), dealing.folds, dealing.seed)}
                          for case in cases.get(split, ())] for split in SPLITS}
    else:
        splits = deal_cases(cases, dealing.shares, dealing.seed, dealing.folds)
    _refuse_torn_groups(splits)
    facts: dict[str, Any] = {"prepared_by": by, "seed": dealing.seed}
    if class_names:
        facts["class_names"] = list(class_names)
    names = [Path(case["image"]) for split in SPLITS for case in splits[split]]
    relative = [(name.relative_to(dataset_dir.absolute()) if name.is_absolute() else name).as_posix() for name in names]
    gone = left_out(dataset_dir / NAME, relative)
    path = write_datalist(dataset_dir, splits, facts)
    return "\n".join([_headline(path, splits), *share_table(splits, class_names), *notes, *([gone] if gone else [])])


def share_table(splits: Mapping[str, Cases], class_names: Sequence[str] = ()) -> list[str]:
    """Return the lines of a table: cases and achieved shares of all and of each class; and a line per empty place."""
    counts = achieved_shares(splits)
    total = {split: sum(stratum[split] for stratum in counts.values()) for split in SPLITS}
    rows = {"all": total}
    if set(counts) != {None}:
        rows.update({_class_name(value, class_names): stratum for value, stratum in counts.items()})
    width = max(map(len, rows))
    lines = [f"{'':{width}}  {'cases':>7}" + "".join(f"  {split:>16}" for split in SPLITS)]
    lines += [f"{name:{width}}  {sum(row.values()):>7,}" + "".join(f"  {_cell(row, split):>16}" for split in SPLITS)
              for name, row in rows.items()]
    lacking = [f"{split} has no case of {name}" for name, row in rows.items() if name != "all"
               for split in SPLITS if not row[split] and total[split]]
    return lines + [f"note: {line}; add cases, or give another --seed" for line in lacking]


def _refuse_torn_groups(splits: Mapping[str, Cases]) -> None:
    seen: dict[str, str] = {}
    for split in SPLITS:
        for group in {str(case["group"]) for case in splits[split] if case.get("group") is not None}:
            if seen.setdefault(group, split) != split:
                raise InputError(f"group {group}", f"is in {seen[group]} and in {split} as published",
                                 "go without groups, or move its images into one split")


def _cell(row: Mapping[str, int], split: str) -> str:
    return f"{row[split]:,} ({row[split] / max(sum(row.values()), 1):.1%})"


def _class_name(value: Any, class_names: Sequence[str]) -> str:
    return class_names[value] if isinstance(value, int) and value < len(class_names) else str(value)


def _headline(path: Path, splits: Mapping[str, Cases]) -> str:
    cases = [case for split in SPLITS for case in splits[split]]
    groups = len({group_name(case) for case in cases})
    grouped = f", {groups:,} groups" if any(case.get("group") is not None for case in cases) else ""
    folds = {case["fold"] for case in cases if "fold" in case}
    return f"{path}: {len(cases):,} cases{grouped}" + (f", folds 0 to {max(folds)}" if folds else "")
