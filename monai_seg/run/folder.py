"""One run, one folder: claimed before anything is written, locked while it runs, never overwritten."""

from __future__ import annotations

import atexit
import json
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from monai_seg.distributed import rank
from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError
from monai_seg.processes import count, of_first
from monai_seg.run.config import CONFIG_NAME, recorded_config
from monai_seg.switch import as_switch

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK_NAME = "run.lock"
logger = logging.getLogger(__name__)


class RunFolder:
    """Claims ``path`` for this run and writes the resolved config into it.

    A run that the folder holds already is moved aside to ``<path>.1``, ``<path>.2`` … with a line that says so, unless
    it is to be resumed. Make this after the inputs are checked, so that a mistyped path moves nothing.

    Args:
        path: the folder, such as ``runs/siim``.
        resume: true or "auto" to go on with the run in it.
        needs: components to build first, so that what is wrong with them is said before anything is moved or written.

    Raises:
        InputError: another process runs in the folder, or it cannot be written.
    """

    def __init__(self, path: str | Path, resume: bool | str = False, needs: Any = None) -> None:
        self.path = Path(path)
        self.resume = as_switch("resume", resume, ("auto",))
        if rank() == 0 or count() > 1:
            of_first(self._claim)

    def _claim(self) -> None:
        with _one_at_a_time(self.path.absolute().parent):
            _refuse_if_locked(self.path)
            if not self.resume and _holds_a_run(self.path):
                aside = _free_name(self.path)
                os.rename(self.path, aside)
                logger.info(f"{self.path} held an earlier run; it is now {aside}")
            make_folder(self.path)
            self._lock()
        write_text_durably(self.path / CONFIG_NAME, json.dumps(recorded_config(), indent=2, default=str) + "\n")

    def _lock(self) -> None:
        lock = self.path / LOCK_NAME
        if not _claim(lock, json.dumps(_this_process())):
            _refuse_if_locked(self.path)  # somebody was quicker
            raise InputError(self.path, "another process has just claimed it", "name another --output_dir")
        atexit.register(_unlock, lock, os.getpid())


def _claim(lock: Path, content: str) -> bool:
    """Make ``lock`` with its ``content`` in one step; return False where there is one already.

    A link to a file that is written beforehand is never seen half written. Where there are no links, the file is made
    with O_EXCL.
    """
    beside = lock.with_name(f".{lock.name}.{os.getpid()}.tmp")
    beside.write_text(content)
    try:
        os.link(beside, lock)
    except FileExistsError:
        return False
    except OSError:
        try:
            with open(lock, "x") as file:
                file.write(content)
        except FileExistsError:
            return False
    finally:
        beside.unlink()
    return True


def _unlock(lock: Path, pid: int) -> None:
    if os.getpid() == pid:  # a forked worker is not the run
        lock.unlink(missing_ok=True)


@contextmanager
def _one_at_a_time(parent: Path) -> Iterator[None]:
    """Keep processes that claim a folder in ``parent`` apart: between looking and locking, the folder may be moved.

    The system releases this when a process dies. On disks without such locks the claim itself must do.
    """
    handle = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        if fcntl is not None:
            handle = os.open(parent, os.O_RDONLY)
            fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError:
        pass  # make_folder tells what is wrong with the folder
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _holds_a_run(path: Path) -> bool:
    return (path / CONFIG_NAME).exists() or (path / "checkpoints").exists()


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.{number}")).exists():
        number += 1
    return aside


def _this_process() -> dict[str, Any]:
    return {"pid": os.getpid(), "host": socket.gethostname(), "started": psutil.Process().create_time(),
            "since": time.strftime("%Y-%m-%d %H:%M:%S")}


def _refuse_if_locked(path: Path) -> None:
    lock = path / LOCK_NAME
    try:
        owner = json.loads(lock.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return
    except (OSError, ValueError):
        owner = {}
    if isinstance(owner, dict) and _is_alive(owner):
        who = f"process {owner.get('pid')} on {owner.get('host')}"
        raise InputError(path, f"{who} runs here since {owner.get('since')}", "wait for it, stop it, or name another "
                         f"--output_dir; if that host is gone, remove {lock.name}")
    logger.info(f"{lock}: its process is gone; the run folder is taken over")
    lock.unlink(missing_ok=True)


def _is_alive(owner: dict[str, Any]) -> bool:
    """Tell whether the process that wrote a lock still runs; on another host there is no way to know, so it does."""
    if "host" not in owner:
        return False
    if owner["host"] != socket.gethostname():
        return True
    try:
        return abs(psutil.Process(owner["pid"]).create_time() - owner["started"]) < 1
    except (psutil.Error, KeyError, TypeError):
        return False
