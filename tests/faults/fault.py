"""A kind of bad input, and the verdict on how the program answers it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path

from monai_seg.errors import find_input_error, report_input_errors_in_one_line

CLEAR, SILENT, UNCLEAR = "clear", "silent", "unclear"


@dataclass(frozen=True)
class Fault:
    """A kind of bad input.

    Args:
        name: what is wrong, in words; no two faults have one name.
        act: makes the bad input in the empty folder that it is given and uses it as a user would.
        names: what the answer must name: the file, or the option.
    """

    name: str
    act: Callable[[Path], object]
    names: str


def verdict(fault: Fault, folder: Path) -> tuple[str, str]:
    """Return "clear", "silent" or "unclear", and what the program said.

    Clear is one line on stderr from an `InputError` that has place, cause and mend and names what ``fault.names`` says.
    """
    folder.mkdir(parents=True)
    try:
        fault.act(folder)
    except Exception as error:
        found = find_input_error(error)
        told = _told(error)
        if found is None or len(told.splitlines()) != 1:
            return UNCLEAR, told.strip().splitlines()[-1]
        is_whole = all((found.where, found.cause, found.mend)) and fault.names in told
        return CLEAR if is_whole else UNCLEAR, told.strip()
    return SILENT, "no error"


def duplicate_names(faults: Iterable[Fault]) -> set[str]:
    """Return the names that several faults have."""
    seen: set[str] = set()
    return {fault.name for fault in faults if fault.name in seen or seen.add(fault.name)}  # type: ignore[func-returns-value]


def _told(error: BaseException) -> str:
    """Return what the process would print if ``error`` ended it."""
    before = sys.excepthook
    report_input_errors_in_one_line()
    try:
        with redirect_stderr(io.StringIO()) as printed:
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.excepthook = before
    return printed.getvalue()
