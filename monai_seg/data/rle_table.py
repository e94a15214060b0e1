"""The CSV table that holds run lengths: columns ImageId and EncodedPixels, any number of rows per image."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from monai_seg.durable import write_text_durably
from monai_seg.errors import InputError

COLUMNS = ("ImageId", "EncodedPixels")  # the public file has a blank before the second name
MARK = "::"
MOST_TABLES = 4


def split_item(item: str) -> tuple[str, str]:
    """Return the path and the image id of ``"<path of csv>::<image id>"``.

    Raises:
        InputError: it has not this form.
    """
    path, mark, image_id = item.partition(MARK)
    if not path or not mark or not image_id:
        raise InputError(item, "not a row of a table of run lengths", 'write the label as "<path of csv>::<image id>"')
    return path, image_id


def read_rle_rows(path: str, image_id: str) -> tuple[str, ...]:
    """Return the run lengths of each row of ``image_id``; the table is parsed once per process and version of the file.

    Raises:
        InputError: no such file, not such a table, or no row of this image.
    """
    rows = _table(path).get(image_id)
    if rows is None:
        raise InputError(path, f"no row of image {image_id!r}", "add one (-1 for an empty mask), or mend the id")
    return rows


def append_rle_rows(path: str, rows: Mapping[str, str]) -> None:
    """Add a row per image to the table ``path``, which is made where it is missing.

    Args:
        path: the CSV file.
        rows: image id -> run lengths. Give many at once: the file is written anew each time.

    Raises:
        InputError: an image has a row already, an id cannot stand in a CSV cell, or the file system refuses.
    """
    known = _table(path) if Path(path).exists() else {}
    for image_id in rows:
        if image_id in known:
            raise InputError(path, f"image {image_id!r} has a row already", "take the row away or name another table")
        if not image_id or image_id != image_id.strip() or any(mark in image_id for mark in ',"\r\n'):
            raise InputError(path, f"the image id {image_id!r} cannot stand in the table", "rename the image")
    before = Path(path).read_text(encoding="utf-8-sig") if known else ",".join(COLUMNS) + "\n"
    before += "" if before.endswith("\n") else "\n"
    write_text_durably(path, before + "".join(f"{image_id},{rle}\n" for image_id, rle in rows.items()))


def _table(path: str) -> Mapping[str, tuple[str, ...]]:
    try:
        stamp = os.stat(path)
    except OSError as error:
        raise InputError(path, f"no such table of run lengths ({error.strerror})", "mend the path") from error
    return _parse(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=MOST_TABLES)
def _parse(path: str, mtime_ns: int, size: int) -> Mapping[str, tuple[str, ...]]:
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(path, f"not a readable table ({error})", "name the CSV file of run lengths") from error
    if not lines or tuple(_cells(lines[0])) != COLUMNS:
        raise InputError(path, f"the first line is not {','.join(COLUMNS)}", "name the CSV file of run lengths")
    table: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(lines[1:], 2):
        cells = _cells(line)
        if cells == [""]:
            continue
        if len(cells) != 2 or not all(cells):
            raise InputError(path, f"line {number} has not two cells with content", "mend or remove the line")
        table[cells[0]] = (*table.get(cells[0], ()), cells[1])
    return table


def _cells(line: str) -> list[str]:
    return [cell.strip(' \t"') for cell in line.split(",")]  # neither ids nor run lengths hold commas
