"""Decoded cases on disk, so that the next start need not decode them again.

A case has one file, named by a hash of all that its content follows from: the settings and code that decode it, its
entry in the data list, and path, size and time of change (ns) of each of its files. An edited mask, or another size,
has another name and is decoded anew. Files are written beside and renamed, so that processes may share a folder.

What is known of the case stands first, with a hash of its own, so that a start can read it alone; a hash of all bytes
stands last. A file that is cut short or damaged is not used and is made again. Files are not flushed to the disk, as
nothing is lost with them.
"""

from __future__ import annotations

import json
import logging
import math
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from monai_seg.data.list_rules import Case
from monai_seg.data.rle_table import MARK
from monai_seg.data.spare_file import HASH_BYTES, hash_of, write_spare
from monai_seg.errors import InputError

FORMAT = 3
MOST_OF_A_HEAD = 4096  # bytes
FILES = ("image", "label")
SUFFIX = ".case"
LENGTH = 4  # bytes of the head's length
logger = logging.getLogger(__name__)
_one_at_a_time = Lock()


class Decoded(NamedTuple):
    """A decoded case, and what is known of it: whether its label shows anything, and `CaseDataset`'s digest."""

    tensors: dict[str, Tensor]
    lesion: bool
    digest: bytes


class Facts(NamedTuple):
    """What is known of a decoded case without its tensors, see `Decoded`."""

    lesion: bool
    digest: bytes


class _Entry(NamedTuple):
    path: str
    size: int  # bytes
    used_ns: int


class DecodedCache:
    """A folder of decoded cases, of at most ``budget_mb``; what was not used for longest makes room.

    Args:
        folder: made when the first case is written.
        settings: all that decoding depends on beside the files; equal texts mean equal results.
        budget_mb: the most that its files may take.

    Raises:
        InputError: ``budget_mb`` is no number of 0 or more.
    """

    def __init__(self, folder: str | Path, settings: str, budget_mb: float) -> None:
        if isinstance(budget_mb, bool) or not isinstance(budget_mb, int | float) or not budget_mb >= 0:
            raise InputError("cache_disk_mb", f"{budget_mb!r} is no amount of disk", "give a number of MB, say 2000")
        self.folder, self.budget = Path(folder), budget_mb * 1e6
        self._of_settings = hash_of(json.dumps([FORMAT, settings]).encode())
        self._used: set[str] = set()  # by this process
        self._taken: float | None = None  # bytes, once counted
        self._latest_first: list[_Entry] | None = None  # what was there when room was first needed, less what is gone
        self._is_off = False

    def facts(self, case: Case, keys: Sequence[str]) -> Facts | None:
        """Return what is known of the decoded case, or None where it is not here or is seen not to be sound.

        Its tensors are not read: damage to them is found by `load`.
        """
        path = self._path(case, keys)
        if path is None:
            return None
        self._used.add(os.path.basename(path))
        try:
            file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))  # there may be thousands, at each start
            try:
                beginning, found = os.read(file, MOST_OF_A_HEAD), os.fstat(file).st_size
            finally:
                os.close(file)
            header, size = _head(beginning)
            if found != size:
                return None
            os.utime(path)
            return Facts(header["lesion"], bytes.fromhex(header["digest"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def load(self, case: Case, keys: Sequence[str]) -> Decoded | None:
        """Return ``keys`` of the decoded case, or None where it is not here or not sound."""
        path = self._path(case, keys)
        if path is None:
            return None
        self._used.add(os.path.basename(path))  # before it is read, so that no other thread makes room by it
        try:
            found = _unpacked(np.fromfile(path, np.uint8))
            os.utime(path)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found

    def save(self, case: Case, keys: Sequence[str], decoded: Decoded) -> None:
        """Keep the decoded case if there is room; what the disk refuses is told once, and then nothing more is kept."""
        path = self._path(case, keys)
        if path is None or self._is_off:
            return
        content = _packed(decoded)
        try:
            with _one_at_a_time:
                if self._is_off or not self._has_room(len(content)):
                    return
                self._used.add(os.path.basename(path))
            write_spare(path, content)
        except OSError as error:
            with _one_at_a_time:
                if not self._is_off:
                    logger.warning(f"{self.folder}: decoded cases are not kept ({error.strerror}); training goes on")
                self._is_off = True

    def _has_room(self, size: int) -> bool:
        if self._taken is None:
            self._taken = sum(entry.size for entry in self._entries())
        if self._taken + size > self.budget:
            self._remove_oldest(self._taken + size - self.budget)
        if self._taken + size > self.budget:
            self._is_off = True
            logger.info(f"{self.folder} is full ({self.budget / 1e6:.0f} MB): the other cases are decoded at each "
                        "start; a larger --cache_disk_mb keeps them")
            return False
        self._taken += size
        return True

    def _remove_oldest(self, needed: float) -> None:
        assert self._taken is not None
        if self._latest_first is None:  # once: there may be thousands
            self._latest_first = sorted(self._entries(), key=lambda entry: entry.used_ns, reverse=True)
        while needed > 0 and self._latest_first:
            entry = self._latest_first.pop()
            if os.path.basename(entry.path) not in self._used:
                with suppress(FileNotFoundError):  # another process was quicker
                    os.unlink(entry.path)
                needed -= entry.size
                self._taken -= entry.size

    def _entries(self) -> Iterator[_Entry]:
        """Yield the files of cases, and what a killed process left of one."""
        with suppress(FileNotFoundError):
            for part in os.scandir(self.folder):
                for file in os.scandir(part) if part.is_dir() else ():
                    if file.name.endswith((SUFFIX, ".tmp")):
                        with suppress(FileNotFoundError):  # removed, or renamed, meanwhile
                            found = file.stat()
                            yield _Entry(file.path, found.st_size, found.st_mtime_ns)

    def _path(self, case: Case, keys: Sequence[str]) -> str | None:
        """Return where ``case`` is kept; None for one that has a folder among its files, whose content may change."""
        facts = []
        for file in sorted({name for key in FILES if key in case for name in _files(case[key])}):
            try:
                found = os.stat(file)
            except OSError:
                return None  # reading it tells what is wrong
            if not stat.S_ISREG(found.st_mode):
                return None
            facts.append((os.path.abspath(file), found.st_size, found.st_mtime_ns))
        entry = json.dumps([facts, list(keys), case], sort_keys=True, default=str)
        name = hash_of(self._of_settings + entry.encode()).hex()
        return os.path.join(self.folder, name[:2], name + SUFFIX)


def _files(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [name for part in value for name in _files(part)]
    return [str(value).split(MARK)[0]]


def _packed(decoded: Decoded) -> bytes:
    header = {
        "lesion": decoded.lesion,
        "digest": decoded.digest.hex(),
        "tensors": {key: (str(tensor.dtype).removeprefix("torch."), tuple(tensor.shape))
                    for key, tensor in decoded.tensors.items()},
    }
    head = json.dumps(header).encode()
    assert LENGTH + len(head) + HASH_BYTES <= MOST_OF_A_HEAD
    bodies = [tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
              for tensor in decoded.tensors.values()]
    content = b"".join((len(head).to_bytes(LENGTH, "little"), head, hash_of(head), *bodies))
    return content + hash_of(content)


def _unpacked(content: np.ndarray) -> Decoded:
    body = content[:-HASH_BYTES]
    if hash_of(body.data) != content[-HASH_BYTES:].tobytes():
        raise ValueError("is damaged")
    header, _ = _head(body[:MOST_OF_A_HEAD].tobytes())
    start = len(content) - HASH_BYTES - _bytes_of_tensors(header)
    tensors = {}
    for key, (name, shape) in header["tensors"].items():
        dtype, size = getattr(torch, name), _bytes_of(name, shape)
        tensors[key] = torch.from_numpy(body[start : start + size].copy()).view(dtype).reshape(shape)
        start += size
    return Decoded(tensors, header["lesion"], bytes.fromhex(header["digest"]))


def _head(beginning: bytes) -> tuple[dict[str, Any], int]:
    """Return what stands first in a file, and how many bytes the file should have."""
    end = LENGTH + int.from_bytes(beginning[:LENGTH], "little")
    head = beginning[LENGTH:end]
    if hash_of(head) != beginning[end : end + HASH_BYTES]:
        raise ValueError("is damaged")
    header = json.loads(head)
    return header, end + HASH_BYTES + _bytes_of_tensors(header) + HASH_BYTES


def _bytes_of_tensors(header: dict[str, Any]) -> int:
    return sum(_bytes_of(name, shape) for name, shape in header["tensors"].values())


def _bytes_of(dtype: str, shape: Sequence[int]) -> int:
    return math.prod(shape) * getattr(torch, dtype).itemsize
