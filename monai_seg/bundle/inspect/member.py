"""The files of a bundle, from a zip or a folder, as bytes that are looked at and never run."""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.limits import MEMBERS
from monai_seg.errors import InputError


@dataclass(frozen=True)
class Member:
    """A file of a bundle: its path below the bundle's folder, and how to get its bytes."""

    path: str
    read: Callable[[], memoryview]


def map_file(path: Path) -> memoryview:
    """Return the bytes of a plain file, mapped and not copied. Links are not followed.

    Raises:
        InputError: it cannot be read or is no plain file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
        try:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                raise InputError(path, "is no plain file", "name a zip or a folder of plain files")
            if state.st_size == 0:
                return memoryview(b"")
            return memoryview(mmap.mmap(handle, 0, access=mmap.ACCESS_READ))
        finally:
            os.close(handle)
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "name a plain file") from error


def list_folder(root: Path) -> tuple[list[Member], list[Finding]]:
    """Return the plain files below ``root`` by path, and a refusal for everything else that lies there."""
    members: list[Member] = []
    findings: list[Finding] = []
    for entry, path in _entries(root, ""):
        if entry.is_symlink():
            findings.append(Finding(path, "", "is a link", "put the file itself there"))
        elif entry.is_dir(follow_symlinks=False):
            continue
        elif not entry.is_file(follow_symlinks=False):
            findings.append(Finding(path, "", "is a device, pipe or socket", "take it out"))
        elif len(members) == MEMBERS:
            findings.append(Finding(root.name, "", f"holds more than {MEMBERS} files", "check a bundle's folder"))
            break
        else:
            members.append(Member(path, partial(map_file, Path(entry.path))))
    return sorted(members, key=lambda member: member.path), findings


def _entries(folder: Path, below: str) -> Iterator[tuple[os.DirEntry[str], str]]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise InputError(folder, f"cannot be read ({error.strerror})", "mend its permissions") from error
    for entry in found:
        yield entry, f"{below}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _entries(Path(entry.path), f"{below}{entry.name}/")
