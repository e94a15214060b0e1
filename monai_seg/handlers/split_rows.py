"""CSV files of a run folder in which each split has rows of its own."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monai_seg.durable import write_text_durably


def replace_rows(path: Path, split: str, rows: Sequence[dict[str, Any]]) -> None:
    """Write ``rows`` for ``split`` in place of those that ``path`` holds for it; the rows of other splits are kept."""
    kept = [row for row in _read(path) if row.get("split") != split]
    named = [{"split": split, **{key: cell(value) for key, value in row.items()}} for row in rows]
    columns = list(dict.fromkeys(key for row in [*named, *kept] for key in row))  # another version's may differ
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows([*kept, *named])
    write_text_durably(path, text.getvalue())


def cell(value: Any) -> Any:
    """Return numbers as they shall be read: six places, and nothing where a score is not defined."""
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6f}".rstrip("0").rstrip(".")
    return value


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
