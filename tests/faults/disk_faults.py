"""Disks that refuse, and processes that die, at the n-th write, fsync or rename."""

from __future__ import annotations

import builtins
import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from monai_seg import durable


class Operations:
    """Counts writes, fsyncs and renames of `monai_seg.durable` and of links, and acts at the ``at``-th.

    Args:
        at: number of the operation, from 1; 0 only counts.
        act: what happens instead of it; of a write, half is done before.
    """

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        self.at, self.act, self.count = at, act, 0

    def step(self, do_half: Callable[[], object] | None = None) -> None:
        self.count += 1
        if self.count == self.at:
            if do_half is not None:
                do_half()
            self.act()


class _File:
    def __init__(self, file: Any, operations: Operations) -> None:
        self._file, self._operations = file, operations

    def write(self, data: bytes) -> int:
        def half() -> None:
            self._file.write(data[: len(data) // 2])
            self._file.flush()

        self._operations.step(half)
        return self._file.write(data)

    def __enter__(self) -> _File:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextmanager
def planted(operations: Operations) -> Iterator[None]:
    """Let ``operations`` see every write, fsync and rename."""
    fsync, replace = os.fsync, os.replace

    def counted(of: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            operations.step()
            return of(*arguments)

        return call

    def opened(*arguments: Any) -> _File:
        return _File(builtins.open(*arguments), operations)  # closed by who opens it

    setattr(durable, "open", opened)  # noqa: B010
    os.fsync, os.replace = counted(fsync), counted(replace)
    try:
        yield
    finally:
        os.fsync, os.replace = fsync, replace
        delattr(durable, "open")


def refuse() -> None:
    """A full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")


def die() -> None:
    """kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)
