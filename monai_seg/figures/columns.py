"""A CSV file of numbers as columns."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monai_seg.errors import InputError

Columns = dict[str, NDArray[np.float64]]


def read_columns(path: str | Path) -> Columns:
    """Return the columns of the CSV file ``path`` by name, NaN for empty cells.

    A last line without its line end is left out: it is being written, or the writer was killed while writing it.

    Raises:
        InputError: the file is missing or has no header, a row has another number of cells, or a cell is no number.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "name a file that a run has written") from error
    whole_lines = text[: text.rfind("\n") + 1].splitlines()
    if not whole_lines:
        raise InputError(path, "is empty", "name a file that a run has written")
    header, *rows = csv.reader(whole_lines)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            cause = f"line {number} has {len(row)} cells, the header has {len(header)}"
            raise InputError(path, cause, "mend or delete the line")
    cells = [[_number(cell, path, number) for cell in row] for number, row in enumerate(rows, start=2)]
    table = np.array(cells, dtype=np.float64).reshape(len(rows), len(header))
    return dict(zip(header, table.T, strict=True))


def _number(cell: str, path: str | Path, line: int) -> float:
    if cell == "":
        return math.nan
    try:
        return float(cell)
    except ValueError as error:
        raise InputError(path, f"line {line} has {cell!r} where a number belongs", "mend or delete the line") from error
