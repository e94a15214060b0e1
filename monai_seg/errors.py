"""Bad input is told in one line: which file, what is wrong with it, what mends it.

Library code raises `InputError`. Commands call `report_input_errors_in_one_line` once at their start; from then on an
`InputError` that nobody caught, however deep MONAI, torch or Ignite wrapped it, ends the process with that one line on
stderr and exit code 1. Every other exception keeps its traceback, because it is our fault and not the user's.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType


class InputError(ValueError):
    """Something the user gave cannot be used.

    Args:
        where: the file, folder or config id at fault.
        cause: what was expected and what came instead.
        mend: what the user can do about it.
    """

    def __init__(self, where: str | Path, cause: str = "", mend: str = "") -> None:
        self.where, self.cause, self.mend = str(where), cause, mend
        text = f"{where}: {cause}" if cause else str(where)
        super().__init__(_one_line(f"{text}; {mend}" if mend else text))

    def __reduce__(self) -> tuple:
        return type(self), (self.where, self.cause, self.mend)  # exceptions travel between processes by pickle


def find_input_error(error: BaseException | None) -> InputError | None:
    """Return the `InputError` that caused ``error``, looking through what other libraries wrapped around it."""
    return next((link for link in _causes(error) if isinstance(link, InputError)), None)


def report_input_errors_in_one_line() -> None:
    """Install the `sys.excepthook` that prints an `InputError` as one line; calling it twice changes nothing."""
    sys.excepthook = _excepthook


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines())  # no more than that: names may hold two spaces


def _excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    found = find_input_error(error)
    if found is None:
        sys.__excepthook__(kind, error, trace)
    else:
        print(f"error: {found}", file=sys.stderr)
