"""The files of checkpoints: written so that a kill leaves the old or the new, found again by their checksums.

``epoch_0007.pt`` is the state after epoch 7, ``epoch_0008_iteration_2010.pt`` that within epoch 8 after the run's
iteration 2010; beside each stands its checksum, ``epoch_0007.pt.sha256``.
"""

from __future__ import annotations

import hashlib
import io
import logging
import math
import os
import pickle
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch

from monai_seg.durable import write_bytes_durably

NAME = re.compile(r"epoch_(\d+)(?:_iteration_(\d+))?\.pt")
logger = logging.getLogger(__name__)


def checkpoint_name(epoch: int, iteration: int | None = None) -> str:
    """Return the name of the checkpoint after ``epoch``, or within it after ``iteration``."""
    return f"epoch_{epoch:04d}.pt" if iteration is None else f"epoch_{epoch:04d}_iteration_{iteration}.pt"


def save_weights(path: Path, weights: Mapping[str, Any]) -> None:
    """Write a state dict under the key ``model``."""
    write_bytes_durably(path, _to_bytes({"model": dict(weights)}))


def write_checkpoint(path: Path, content: Mapping[str, Any], prove: bool = False) -> None:
    """Write ``content`` with its checksum beside it: the checksum first, so that a named checkpoint has one.

    A checkpoint of that name that is there already is not to be had meanwhile: its checksum is the new one's.

    Args:
        path: the file.
        content: tensors, numbers, texts, and lists and dictionaries of them.
        prove: load it before it is written, as a resume will.

    Raises:
        InputError: the disk is full or refuses.
        UnpicklingError: something in ``content`` can be saved, but not loaded.
    """
    data = _to_bytes(content)
    if prove:
        torch.load(io.BytesIO(data), weights_only=True)
    write_bytes_durably(_checksum_path(path), hashlib.sha256(data).hexdigest().encode() + b"\n")
    write_bytes_durably(path, data)


def list_checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints in ``folder``, newest first."""
    return sorted((path for path in folder.glob("epoch_*.pt") if NAME.fullmatch(path.name)), key=age, reverse=True)


def newest_sound_checkpoint(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the newest checkpoint whose checksum holds, and its content; say why newer ones were passed over."""
    names = {_written(path.name) for path in folder.glob("*.pt.sha256")} | {_written(path.name) for path in
                                                                           folder.glob(".epoch_*.tmp")}
    standing = list_checkpoints(folder)
    unfinished = {folder / name for name in names if NAME.fullmatch(name)} - set(standing)
    for path in sorted({*standing, *unfinished}, key=age, reverse=True):
        if path in unfinished:
            logger.warning(f"{path}: passed over, it was not wholly written")
        elif (content := _sound_content(path)) is not None:
            return path, content
    return None


def prune(folder: Path, newest: Path, keep: int, unsound: Iterable[Path] = ()) -> None:
    """Remove checkpoints older than the ``keep`` newest up to ``newest``, ``unsound`` ones, and what kills left.

    Checkpoints later than ``newest`` stay: they were damaged and passed over, and will be written anew.
    """
    bad = set(unsound) - {newest}
    standing = [path for path in list_checkpoints(folder) if age(path) <= age(newest) and path not in bad]
    for path in [*standing[keep:], *bad]:
        path.unlink(missing_ok=True)
        _checksum_path(path).unlink(missing_ok=True)
    for rest in folder.glob(".*.tmp"):  # the run folder is locked, so nobody else is writing here
        rest.unlink(missing_ok=True)
    for checksum in folder.glob("epoch_*.pt.sha256"):
        if not checksum.with_suffix("").exists():
            checksum.unlink()


def link(name: Path, target: Path) -> None:
    """Point ``name`` at ``target`` in the same folder; where links are not to be had, the numbered names must do."""
    beside = name.with_name(f".{name.name}.tmp")
    try:
        beside.unlink(missing_ok=True)
        os.symlink(target.name, beside)
        os.replace(beside, name)
    except OSError as error:
        logger.warning(f"{name}: no link made ({error.strerror})")


def age(path: Path) -> tuple[int, float]:
    """Return what sorts checkpoints by the time of training: epoch 9999 comes before 10000, its middle before its end.

    Raises:
        ValueError: ``path`` has no checkpoint's name.
    """
    found = NAME.fullmatch(path.name)
    if found is None:
        raise ValueError(f"{path.name} is no checkpoint's name")
    epoch, iteration = found.groups()
    return int(epoch), math.inf if iteration is None else int(iteration)


def _sound_content(path: Path) -> dict[str, Any] | None:
    try:
        data = path.read_bytes()
        checksum = _checksum_path(path).read_text().strip()
        if checksum != hashlib.sha256(data).hexdigest():
            raise ValueError("its checksum does not hold")
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except FileNotFoundError:
        reason = "its checksum does not hold, as there is none"
    except (OSError, ValueError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0]
    logger.warning(f"{path}: passed over, {reason}")
    return None


def _to_bytes(content: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    return buffer.getvalue()


def _checksum_path(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _written(name: str) -> str:
    """Return which checkpoint a checksum or an unfinished file belongs to."""
    found = re.search(NAME.pattern, name)
    return found.group() if found else ""
