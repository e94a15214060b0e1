"""What a run folder holds, read for a report; what it lacks is a line and never an error."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from monai_seg.errors import InputError
from monai_seg.figures.columns import Columns, read_columns

Rows = list[dict[str, str]]
Content = TypeVar("Content")

WRITTEN_BY = {
    "config.json": "training",
    "run_card.json": "training with the handler RunCard",
    "metrics.csv": "training",
    "losses.csv": "training",
    "operating_point.csv": "the search at the end of a training",
    "operating_point.json": "the search at the end of a training",
    "cases.csv": "evaluation",
    "summary.csv": "evaluation",
    "confusion.csv": "evaluation",
    "calibration.csv": "evaluation, where the post-processing keeps probabilities",
    "class_calibration.csv": "evaluation, where images have classes",
}


@dataclass
class RunFiles:
    """The content of a run folder, None or empty where a file is missing.

    Args:
        folder: the run folder.
        config, card, point: config.json, run_card.json and operating_point.json.
        epochs, losses, search: metrics.csv, losses.csv and operating_point.csv.
        cases, summary, confusion, calibration, class_calibration: the rows of these tables.
        missing: a line for each file that is not there or cannot be read.
    """

    folder: Path
    config: dict[str, Any] | None = None
    card: dict[str, Any] | None = None
    point: dict[str, Any] | None = None
    epochs: Columns | None = None
    losses: Columns | None = None
    search: Columns | None = None
    cases: Rows = field(default_factory=list)
    summary: Rows = field(default_factory=list)
    confusion: Rows = field(default_factory=list)
    calibration: Rows = field(default_factory=list)
    class_calibration: Rows = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def splits(self) -> list[str]:
        """Return the splits that were evaluated, the test split first."""
        found = dict.fromkeys(row.get("split", "") for row in [*self.summary, *self.cases])
        return sorted(found, key=lambda split: (split != "test", split != "validation", split))

    def of_split(self, table: str, split: str) -> Rows:
        """Return the rows of ``split`` in the table of that name, such as "cases"."""
        return [row for row in getattr(self, table) if row.get("split", "") == split]


def read_run(folder: str | Path) -> RunFiles:
    """Return what the run in ``folder`` has left so far.

    Raises:
        InputError: there is no such folder, or nothing in it that a run writes.
    """
    run = RunFiles(Path(folder))
    if not run.folder.is_dir():
        raise InputError(run.folder, "no run here", "name the folder that a training has written, such as runs/siim")
    if not any((run.folder / name).exists() for name in WRITTEN_BY):
        raise InputError(run.folder, f"holds none of {', '.join(WRITTEN_BY)}",
                         "name the folder that a training has written, such as runs/siim")
    run.config = _read(run, "config.json", _read_object)
    run.card = _read(run, "run_card.json", _read_object)
    run.point = _read(run, "operating_point.json", _read_object)
    run.epochs = _read(run, "metrics.csv", read_columns)
    run.losses = _read(run, "losses.csv", read_columns)
    run.search = _read(run, "operating_point.csv", read_columns)
    for name in ("cases", "summary", "confusion", "calibration", "class_calibration"):
        if name != "class_calibration" or (run.cases and "class" in run.cases[0]):  # others have none and lack nothing
            setattr(run, name, _read(run, f"{name}.csv", read_rows) or [])
    run.summary = [_as_scored(row) for row in run.summary]
    return run


def _as_scored(row: dict[str, str]) -> dict[str, str]:
    """Return a row of a cross-validation's summary, which has the mean over its folds, as those of an evaluation."""
    if "mean" not in row or "score" not in row:
        return row
    spread = f", sd {float(row['sd']):.3g}" if row.get("sd") else ""
    return {"split": row["score"].partition("_")[0], "score": row["score"], "value": row["mean"],
            "count": f"{row.get('folds', '')} fold{'s' * (row.get('folds') != '1')}{spread}"}


def read_rows(path: str | Path) -> Rows:
    """Return the rows of the CSV file ``path`` as text by column.

    Raises:
        InputError: it cannot be read, or a row has another number of cells than the header.
    """
    try:
        with open(path, newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
    except (OSError, ValueError) as error:  # no header at all is a ValueError, too
        raise InputError(path, f"cannot be read ({error})", "evaluate again") from error
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            cause = f"line {number} has {len(row)} cells, the header has {len(header)}"
            raise InputError(path, cause, "evaluate again, or mend the line")
    return [dict(zip(header, row, strict=True)) for row in rows]


def _read(run: RunFiles, name: str, read: Callable[[Path], Content]) -> Content | None:
    path = run.folder / name
    if not path.exists():
        run.missing.append(f"{name} is not there; it is written by {WRITTEN_BY[name]}")
        return None
    try:
        return read(path)
    except InputError as error:
        run.missing.append(f"{name} is not shown: {error.cause}")
        return None


def _read_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(path, f"cannot be read ({error})", "restore it") from error
    if not isinstance(content, dict):
        raise InputError(path, f"holds a {type(content).__name__} and no object", "restore it")
    return content
