"""The summary of an evaluation as files: ``summary.csv`` to read, ``summary.json`` for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monai_seg.durable import write_text_durably
from monai_seg.errors import InputError
from monai_seg.handlers.split_rows import replace_rows
from monai_seg.metrics.summary import Score

COLUMNS = ("value", "low", "high", "count", "undefined")


def write_summary(
    folder: Path, split: str, scores: Sequence[Score], tables: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Write the scores of ``split`` in place of those that the folder's summaries hold for it.

    ``summary.json`` has an object per split: ``scores`` by name (``test_dice``), each with value, low, high, count and
    undefined, and the ``tables``. Its numbers are not rounded; what is not defined is null.

    Args:
        folder: of the run.
        split: whose scores they are.
        scores: in their order.
        tables: lists of rows by name, such as the bins of a reliability diagram.

    Raises:
        InputError: the ``summary.json`` that is there is none.
    """
    rows: list[dict[str, Any]] = [{"score": f"{split}_{score.name}", **{name: getattr(score, name) for name in COLUMNS}}
                                  for score in scores]
    path = folder / "summary.json"
    known = _read(path)
    known[split] = _plain({"scores": {row["score"]: {name: row[name] for name in COLUMNS} for row in rows}, **tables})
    write_text_durably(path, json.dumps(known, indent=1, allow_nan=False) + "\n")
    replace_rows(folder / "summary.csv", split, rows)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(known, dict):
            raise ValueError(f"a {type(known).__name__} and no object")
    except (OSError, ValueError) as error:
        raise InputError(path, f"cannot be read ({error})", "remove it, and evaluate its other splits again") from error
    return known


def _plain(value: Any) -> Any:
    """Return ``value`` with null for what is not a number."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
