"""A watch over what Python does: code that runs, modules that come in, files that are written, calls to others."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ALARMING = ("exec", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.mkdir", "os.rename", "os.remove",
            "os.symlink", "subprocess.", "pickle.find_class", "marshal.loads", "socket.", "ctypes.",
            "shutil.", "webbrowser.")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_seen: list[str] | None = None
_installed = False


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is None:
        return
    if event.startswith(ALARMING):
        _seen.append(event)
    elif event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
        _seen.append(f"open {arguments[0]!r} for writing")
    elif event == "import" and str(arguments[0]).split(".")[0] not in sys.stdlib_module_names:
        _seen.append(f"import {arguments[0]}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """Collect what alarms while the block runs."""
    global _installed, _seen
    if not _installed:
        sys.addaudithook(_hook)  # it stays: a hook cannot be taken off
        _installed = True
    _seen = found = []
    try:
        yield found
    finally:
        _seen = None
