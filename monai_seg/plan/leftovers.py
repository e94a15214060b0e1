"""What a process that was killed has left: found by its number in the name, and removed by the next one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

BEGUN, NAMED = "tmp", "named"
CLOCKS_DIFFER_S = 2.0


def begun(folder: Path, name: str) -> Path:
    """Return where this process makes what shall become ``folder / name``."""
    return folder / f".{name}.{os.getpid()}.{BEGUN}"


def note_named(beside: Path) -> Path:
    """Note, before ``beside`` takes its name, which file or folder that is, and return the note."""
    note = beside.with_name(beside.name.removesuffix(BEGUN) + NAMED)
    note.write_text(_identity(beside), encoding="ascii")
    return note


def remove(path: Path) -> None:
    """Remove a folder, or a link but not what it points to; what is not there is removed already."""
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


def sweep(bundles: Path, data: Path) -> list[Path]:
    """Remove what killed processes had begun in the two folders, and return it.

    Data that had their name already are removed where the bundle, which gets its name last, is not there, and only if
    they are those of the note.
    """
    swept = []
    for note, name in list(_left(data, NAMED)):
        made = data / name
        with suppress(OSError):
            if not (bundles / name).exists() and _identity(made) == note.read_text(encoding="ascii"):
                remove(made)
                swept.append(made)
        remove(note)
    for folder in (bundles, data):
        for path, _ in list(_left(folder, BEGUN)):
            remove(path)
            swept.append(path)
    return swept


def _left(folder: Path, ending: str) -> Iterator[tuple[Path, str]]:
    """Yield what processes that are no more have left, with the name that it was to have."""
    for path in folder.glob(f".*.{ending}"):
        name, _, process = path.name[1:].removesuffix(f".{ending}").rpartition(".")
        if name and process.isdecimal() and not _lives(int(process), path):
            yield path, name


def _lives(process: int, path: Path) -> bool:
    """Whether the process that made ``path`` runs; one that began after it only has its number."""
    try:
        return psutil.Process(process).create_time() <= path.lstat().st_mtime + CLOCKS_DIFFER_S
    except psutil.AccessDenied:
        return True
    except (psutil.Error, OSError):
        return False


def _identity(path: Path) -> str:
    status = path.lstat()
    return f"{status.st_dev} {status.st_ino}"
