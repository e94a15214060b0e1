"""Files that are either the old ones or the new ones, never half of both, also after a kill or a power cut."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from monai_seg.errors import InputError


def write_durably(
    path: str | Path, write: Callable[[IO[bytes]], object], verify: Callable[[Path], object] | None = None
) -> None:
    """Replace ``path`` by what ``write`` puts into the binary file that it is handed.

    The new content is written beside, flushed to the disk and renamed over the old; then the folder is flushed. When
    anything fails, the old file is untouched and the new one removed.

    Args:
        path: the file.
        write: writes the new content.
        verify: looks at the new file before it takes the name, and raises OSError where it is not what it should be.

    Raises:
        InputError: the file system refuses (full disk, no permission, not a folder).
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with _refusals_named(path):
        try:
            with open(beside, "wb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            if verify is not None:
                verify(beside)
            os.replace(beside, path)
            flush_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise


def write_bytes_durably(path: str | Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` as `write_durably` does, if there is room for it, and read it back before it counts.

    Raises:
        InputError: the disk has too little space, refuses, or gives back other bytes.
    """

    def verify(beside: Path) -> None:
        if beside.read_bytes() != data:
            raise OSError(errno.EIO, "what was written reads back differently")

    path = Path(path)
    with _refusals_named(path):
        if free_mb(path.parent) * 1e6 < len(data):
            raise OSError(errno.ENOSPC, f"No space left on device: {len(data) / 1e6:.1f} MB needed, "
                          f"{free_mb(path.parent):.1f} MB free")
    write_durably(path, lambda file: file.write(data), verify)


def write_text_durably(path: str | Path, text: str) -> None:
    """Replace ``path`` by ``text`` in UTF-8, as `write_durably` does."""
    write_durably(path, lambda file: file.write(text.encode()))


def flush_folder(folder: Path) -> None:
    """Make renames inside ``folder`` survive a power cut, where the system can open folders."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: str | Path) -> Path:
    """Make ``path`` and its parents, and prove that a file can be written there.

    Raises:
        InputError: it cannot be made or written.
    """
    folder = Path(path)
    with _refusals_named(folder):
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".writable.{os.getpid()}.tmp"
        probe.write_bytes(b"")
        probe.unlink()
    return folder


def free_mb(folder: str | Path) -> float:
    """Return the free space in MB of the disk that holds ``folder``."""
    return shutil.disk_usage(folder).free / 1e6


@contextmanager
def _refusals_named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(path, f"cannot be written ({reason})", "free space, mend permissions or name another folder") \
            from error
