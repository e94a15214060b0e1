"""Read a column of a CSV table by image: which group (patient) or class each image belongs to."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from monai_seg.errors import InputError
from monai_seg.prepare.orphans import first_names


def read_column(path: Path, column: str | None = None, name_column: str | None = None) -> dict[str, str]:
    """Return image name -> value of ``column``.

    Image names are taken without folder and without the suffix of a picture file, so that ``a/x.png`` and ``x`` agree.

    Args:
        path: a CSV file with a line of column names.
        column: the column wanted; None for the second one.
        name_column: the column of image names; None for the first one.

    Raises:
        InputError: not a readable table, no such column, a row without name or value, or two values for one image.
    """
    rows = read_rows(path)
    header = list(rows[0])
    name_column = _choose(path, header, name_column, 0)
    column = _choose(path, header, column, 1)
    values: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        row = [*row, *[""] * (len(header) - len(row))]
        name, value = image_name(row[header.index(name_column)]), row[header.index(column)]
        if not name or not value:
            raise InputError(path, f"row {number} has no {column if name else name_column}", "fill it in")
        if values.setdefault(name, value) != value:
            raise InputError(path, f"image {name} has two values of {column}: {values[name]} and {value}",
                             "keep one of them")
    return values


def read_rows(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file, that of the column names first; cells are stripped, empty rows left out.

    Raises:
        InputError: not readable, or without a row of content.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        csv.field_size_limit(1 << 28)  # run lengths of one mask may be long
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(path, f"not a readable CSV table ({error})", "name a CSV file in UTF-8") from error
    rows = [row for row in rows if any(row)]
    if len(rows) < 2:
        raise InputError(path, "a table without rows", "name a CSV file with column names and a row per image")
    return rows


def look_up(path: Path, values: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the values of ``names``.

    Raises:
        InputError: the table ``path`` lacks some.
    """
    names = list(names)
    lacking = [name for name in names if name not in values]
    if lacking:
        raise InputError(path, f"no row for {len(lacking):,} of {len(names):,} images ({first_names(lacking)})",
                         "add the rows; the names must be those of the image files")
    return {name: values[name] for name in names}


def image_name(cell: str) -> str:
    """Return the name of an image without folder and picture suffix; dots inside a UID stay."""
    name = cell.replace("\\", "/").rsplit("/", 1)[-1]
    stem, _, suffix = name.rpartition(".")
    return stem if stem and suffix.lower() in ("png", "jpg", "jpeg", "bmp", "tif", "tiff", "gif", "dcm") else name


def _choose(path: Path, header: list[str], wanted: str | None, place: int) -> str:
    if wanted is None:
        if len(header) <= place:
            raise InputError(path, f"has the one column {header[0]!r}", "separate the columns by commas")
        return header[place]
    if wanted not in header:
        raise InputError(path, f"no column {wanted!r}", f"choose one of {', '.join(header)}")
    return wanted
