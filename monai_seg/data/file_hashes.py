"""What the cases of a data set are, down to the bytes of their files, so that a change is seen and can be named."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from monai_seg.data.list_rules import Case
from monai_seg.data.on_all_cores import on_all_cores
from monai_seg.data.rle_table import MARK
from monai_seg.errors import InputError

MOST_NAMED = 3
FileFact = tuple[int, int, str]  # bytes, time of the last change in ns, SHA-256


class CaseTable:
    """The cases of each split and the hash of each of their files, by paths relative to the data set.

    Args:
        cases: split and content of each case, such as ``"training image.png mask.png"``.
        files: size, time of the last change and SHA-256 of each file.
    """

    def __init__(self, cases: Mapping[str, str], files: Mapping[str, FileFact]) -> None:
        self.cases = dict(cases)
        self.files = {name: (int(size), int(time), str(digest)) for name, (size, time, digest) in files.items()}

    @property
    def list_sha256(self) -> str:
        """Hash of the list: which files make a case of which split."""
        return hashlib.sha256(json.dumps(sorted(self.cases.items())).encode()).hexdigest()

    @property
    def files_sha256(self) -> str:
        """Hash of the files' names and content; not of their place and times."""
        content = sorted((name, fact[2]) for name, fact in self.files.items())
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def to_json(self) -> str:
        return json.dumps({"cases": self.cases, "files": self.files}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> CaseTable:
        return cls(**json.loads(text))

    def changes_since(self, earlier: CaseTable) -> list[str]:
        """Return in a few words what is another here than in ``earlier``; nothing where nothing is."""
        names, before = set(self.cases), set(earlier.cases)
        both = names & before
        changed = {name for name in both if self.cases[name] != earlier.cases[name]}
        files = {name for name in set(self.files) & set(earlier.files) if self.files[name][2] != earlier.files[name][2]}
        found = (("cases added", names - before), ("cases removed", before - names),
                 ("cases with another split, label or group", changed), ("files with another content", files))
        return [_counted(what, which) for what, which in found if which]


def table_of(
    splits: Mapping[str, Iterable[Case]], root: Path, known: Mapping[str, FileFact] | None = None
) -> CaseTable:
    """Return the table of the cases in ``splits``.

    Args:
        splits: cases with absolute paths, by split.
        root: folder of the data set.
        known: files of an earlier table; one whose size and time of change stand there is not read again.

    Raises:
        InputError: a file cannot be read.
    """
    folder, cases, paths = os.path.join(root.absolute(), ""), {}, dict[str, str]()
    for split, of in splits.items():
        for case in of:
            entry = {key: _relative(value, folder, paths) if key in ("image", "label") else value
                     for key, value in case.items()}
            cases[str(entry.pop("image"))] = json.dumps([split, entry], sort_keys=True, default=str)
    before = {name: known[name] for name in paths if _is_as(paths[name], known.get(name))} if known else {}
    names = [name for name in paths if name not in before]
    facts = before | dict(zip(names, on_all_cores(lambda name: _fact(paths[name]), names), strict=True))
    return CaseTable(cases, {name: facts[name] for name in paths})


def _relative(value: Any, folder: str, paths: dict[str, str]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_relative(part, folder, paths) for part in value]
    value = str(value)  # below the folder, where most are, quicker than relpath and the same
    rest = value.removeprefix(folder).lstrip(os.sep)
    name = os.path.normpath(rest) if value.startswith(folder) else os.path.relpath(value, folder)
    paths[name.split(MARK)[0]] = value.split(MARK)[0]
    return name.replace(os.sep, "/")


def _is_as(path: str, known: FileFact | None) -> bool:
    try:
        stat = os.stat(path)
    except OSError:
        return False
    return known is not None and known[:2] == (stat.st_size, stat.st_mtime_ns)


def _fact(path: str) -> FileFact:
    try:
        stat = os.stat(path)
        if os.path.isdir(path):
            return 0, stat.st_mtime_ns, hashlib.sha256("\n".join(sorted(os.listdir(path))).encode()).hexdigest()
        with open(path, "rb") as file:
            digest = hashlib.sha256()
            while block := file.read(1 << 20):
                digest.update(block)
        return stat.st_size, stat.st_mtime_ns, digest.hexdigest()
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "restore it, or take its case off the list") \
            from error


def _counted(what: str, which: Iterable[str]) -> str:
    names = sorted(which)
    more = ", …" if len(names) > MOST_NAMED else ""
    return f"{len(names)} {what} ({', '.join(names[:MOST_NAMED])}{more})"
