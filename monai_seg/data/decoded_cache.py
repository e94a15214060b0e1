"""Decoded cases on disk, so that the next start need not decode them again.

A case has one file, named by a hash of all that its content follows from: the settings and code that decode it, its
entry in the data list, and path, size and time of change (ns) of each of its files. An edited mask, or another size,
has another name and is decoded anew. Files are written beside and renamed, so that processes may share a folder, and
end in a hash of their bytes: one that is cut short or damaged is not used and is made again. They are not flushed to
the disk, as nothing is lost with them.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from threading import Lock, get_ident
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from monai_seg.data.list_rules import Case
from monai_seg.data.rle_table import MARK
from monai_seg.errors import InputError

FORMAT = 1
FILES = ("image", "label")
SUFFIX = ".case"
HASH_BYTES = 16
logger = logging.getLogger(__name__)
_one_at_a_time = Lock()


class Decoded(NamedTuple):
    """A decoded case, and what is known of it: whether its label shows anything, and `CaseDataset`'s digest."""

    tensors: dict[str, Tensor]
    lesion: bool
    digest: bytes


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
        self.folder, self.settings, self.budget = Path(folder), settings, budget_mb * 1e6
        self._used: set[str] = set()  # by this process
        self._taken: float | None = None  # bytes, once counted
        self._is_off = False

    def load(self, case: Case, keys: Sequence[str]) -> Decoded | None:
        """Return ``keys`` of the decoded case, or None where it is not here or not sound."""
        path = self._path(case, keys)
        if path is None:
            return None
        self._used.add(path.name)  # before it is read, so that no other thread makes room by it
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
                self._used.add(path.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.tmp")
            try:
                beside.write_bytes(content)
                os.replace(beside, path)
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            with _one_at_a_time:
                if not self._is_off:
                    logger.warning(f"{self.folder}: decoded cases are not kept ({error.strerror}); training goes on")
                self._is_off = True

    def _has_room(self, size: int) -> bool:
        if self._taken is None:
            self._taken = sum(entry.stat().st_size for entry in self._entries())
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
        others = [(entry.stat(), entry.path) for entry in self._entries() if entry.name not in self._used]
        for stat, path in sorted(others, key=lambda other: other[0].st_mtime_ns):
            if needed <= 0:
                return
            with suppress(FileNotFoundError):  # another process was quicker
                os.unlink(path)
            needed -= stat.st_size
            self._taken -= stat.st_size

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        """Yield the files of cases, and what a killed process left of one."""
        with suppress(FileNotFoundError):
            for part in os.scandir(self.folder):
                if part.is_dir():
                    yield from (entry for entry in os.scandir(part) if entry.name.endswith((SUFFIX, ".tmp")))

    def _path(self, case: Case, keys: Sequence[str]) -> Path | None:
        """Return where ``case`` is kept; None for one that has a folder among its files, whose content may change."""
        facts = []
        for file in sorted({name for key in FILES if key in case for name in _files(case[key])}):
            try:
                stat = os.stat(file)
            except OSError:
                return None  # reading it tells what is wrong
            if not os.path.isfile(file):
                return None
            facts.append((os.path.abspath(file), stat.st_size, stat.st_mtime_ns))
        entry = json.dumps([FORMAT, self.settings, facts, list(keys), case], sort_keys=True, default=str)
        name = blake2b(entry.encode(), digest_size=HASH_BYTES).hexdigest()
        return self.folder / name[:2] / (name + SUFFIX)


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
    bodies = [tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
              for tensor in decoded.tensors.values()]
    content = b"".join((len(head).to_bytes(4, "little"), head, *bodies))
    return content + blake2b(content, digest_size=HASH_BYTES).digest()


def _unpacked(content: np.ndarray) -> Decoded:
    body = content[:-HASH_BYTES]
    if blake2b(body.data, digest_size=HASH_BYTES).digest() != content[-HASH_BYTES:].tobytes():
        raise ValueError("is damaged")
    start = 4 + int.from_bytes(body[:4].tobytes(), "little")
    header = json.loads(body[4:start].tobytes())
    tensors = {}
    for key, (name, shape) in header["tensors"].items():
        dtype = getattr(torch, name)
        size = int(np.prod(shape)) * dtype.itemsize
        tensors[key] = torch.from_numpy(body[start : start + size].copy()).view(dtype).reshape(shape)
        start += size
    return Decoded(tensors, header["lesion"], bytes.fromhex(header["digest"]))
