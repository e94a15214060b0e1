"""Own the files that a preparation writes: those of a former, stopped run are kept, those of others not touched."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError

NAME = "prepare.json"


def claim(folder: Path, facts: Mapping[str, Any], parts: Iterable[str]) -> None:
    """Make ``folder`` ours by `NAME`, which holds ``facts``; a folder of the same facts is ours already.

    Args:
        folder: made if need be.
        facts: the program and every option that changes what it writes, as JSON holds them.
        parts: names below ``folder`` that will be written; without the mark none of them may have content.

    Raises:
        InputError: it was prepared with other facts, or holds files of others.
    """
    found = claimed_with(folder)
    if found is not None:
        _check_same(folder, found, facts)
        _sweep(folder)
        return
    for part in parts:
        path = folder / part
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise InputError(path, "is there already, and was not written by this program",
                             "move it away, or name another folder to write to")
    make_folder(folder)
    write_text_durably(folder / NAME, json.dumps(dict(facts), indent=1, ensure_ascii=False) + "\n")


def claimed_with(folder: Path) -> Mapping[str, Any] | None:
    """Return the facts that ``folder`` was made ours with; None where it is not ours.

    Raises:
        InputError: the mark is not readable.
    """
    mark = folder / NAME
    if not mark.exists():
        return None
    try:
        facts = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(mark, f"not readable ({error}), so nothing tells what the folder holds",
                         "remove the folder or name another") from error
    if not isinstance(facts, dict):
        raise InputError(mark, "does not tell what the folder holds", "remove the folder or name another")
    return facts


def settle_out(raw: Path, out: Path | None) -> Path:
    """Return the folder to write to: ``out``, or ``raw`` itself where that is None or the same.

    Raises:
        InputError: ``out`` is a file, or lies inside ``raw``, where it would be read the next time.
    """
    if out is None or out.resolve() == raw.resolve():
        return raw
    if out.is_file():
        raise InputError(out, "is a file, expected a folder to write to", "name a folder")
    if out.resolve().is_relative_to(raw.resolve()):
        raise InputError(out, f"lies inside {raw}, which is to be read", "name a folder elsewhere, or none")
    return out


def is_done(result: Path, *sources: Path) -> bool:
    """Return whether ``result`` is there and not older than any of ``sources``; what is written is never half there."""
    try:
        return all(os.stat(source).st_mtime_ns <= os.stat(result).st_mtime_ns for source in sources)
    except FileNotFoundError:
        return False


def _sweep(folder: Path) -> None:
    """Remove what `write_durably` had begun in a process that is no more."""
    for path in folder.rglob(".*.tmp"):
        process = path.name.split(".")[-2]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            path.unlink(missing_ok=True)


def _check_same(folder: Path, found: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    wrong = [key for key in {**facts, **found} if found.get(key) != facts.get(key)]
    if wrong:
        raise InputError(folder, f"was prepared with {wrong[0]} {found.get(wrong[0])!r}, now it is "
                         f"{facts.get(wrong[0])!r}", "give the same options, or name another folder")
