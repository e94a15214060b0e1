"""Do one thing for many files, several at a time, with progress; bad files are collected and told together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

from monai_seg.durable import write_text_durably
from monai_seg.errors import InputError

Item = TypeVar("Item")
Result = TypeVar("Result")
WORKERS = 2  # decoding and packing PNG leave Python's lock; the disk is soon the limit
BAD_FILES = "bad_files.txt"
LINES_IN_A_LOG = 5


def do_each(
    work: Callable[[Item], Result], items: Sequence[Item], title: str, report_dir: Path | None = None
) -> list[Result]:
    """Return ``work(item)`` for each item, in order; a progress bar on a terminal, a few lines elsewhere.

    Args:
        work: raises `InputError` for a file that cannot be used.
        items: what to work on.
        title: what is being done, for the progress.
        report_dir: where `BAD_FILES` is written when several files are bad: all of them, a line each.

    Raises:
        InputError: of the first bad file; it says how many more there are, and where they are listed. An interrupt goes
            through at once: what was not begun is not begun.
    """
    pool = ThreadPoolExecutor(WORKERS)
    try:
        with _Progress(title, len(items)) as progress:
            futures = [pool.submit(work, item) for item in items]
            _watch(futures, progress)
    finally:
        pool.shutdown(cancel_futures=True)
    errors = [future.exception() for future in futures]
    bad = [error for error in errors if isinstance(error, InputError)]
    for error in errors:
        if error is not None and not isinstance(error, InputError):
            raise error
    if bad:
        raise _together(bad, report_dir)
    return [future.result() for future in futures]


def _watch(futures: Sequence[Future], progress: _Progress) -> None:
    waiting = set(futures)
    while waiting:
        done, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)
        progress.add(len(done))


def _together(bad: Sequence[InputError], report_dir: Path | None) -> InputError:
    first = bad[0]
    if len(bad) == 1:
        return first
    told = f" (and {len(bad) - 1} more bad files"
    if report_dir is not None:
        write_text_durably(report_dir / BAD_FILES, "".join(f"{error}\n" for error in bad))
        told += f", all listed in {report_dir / BAD_FILES}"
    return InputError(first.where, f"{first.cause}{told})", first.mend)


class _Progress:
    """A bar that vanishes on a terminal; in a log a line at every fifth of the way."""

    def __init__(self, title: str, total: int) -> None:
        self.title, self.total, self.done = title, total, 0
        self.bar = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self.bar = Progress(transient=True, console=Console(stderr=True))

    def __enter__(self) -> _Progress:
        if self.bar is not None:
            self.bar.start()
            self.task = self.bar.add_task(self.title, total=self.total)
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def add(self, count: int) -> None:
        before, self.done = self.done, self.done + count
        if self.bar is not None:
            self.bar.update(self.task, completed=self.done)
        elif before * LINES_IN_A_LOG // max(self.total, 1) < self.done * LINES_IN_A_LOG // max(self.total, 1):
            print(f"{self.title}: {self.done:,} of {self.total:,}", file=sys.stderr, flush=True)
