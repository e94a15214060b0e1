"""The macros of a config in our repository, written out by reading JSON; each file lies within the repository."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from monai_seg.bundle.confined import path_problem
from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.json_text import read_json
from monai_seg.bundle.inspect.member import map_file
from monai_seg.errors import InputError

MEND = "name a JSON file of the repository, relative to its root"


def find_root(folder: Path) -> Path:
    """Return the folder in which macros start: that of ``bundles/``, or the bundle's own."""
    folder = folder.absolute()
    return folder.parent.parent if folder.parent.name == "bundles" else folder


class Macros:
    """Write out macros; what cannot be taken in stays, and is told in ``findings``."""

    def __init__(self, file: str, root: Path) -> None:
        self.file, self.root = file, root
        self.findings: list[Finding] = []

    def write_out(self, value: Any, where: str = "") -> Any:
        """Return ``value`` with every macro in it replaced."""
        if isinstance(value, Mapping):
            return {key: self.write_out(inner, f"{where}::{key}" if where else key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.write_out(inner, f"{where}::{place}") for place, inner in enumerate(value)]
        if not isinstance(value, str) or not value.startswith("%"):
            return value
        try:
            return self._take(value[1:])
        except ValueError as error:
            self.findings.append(Finding(self.file, where, f"{value[:80]!r} {error}", MEND))
            return None

    def _take(self, macro: str) -> Any:
        path, _, where = macro.partition("::")
        parts = path.split("/")
        if path_problem(path) or "\\" in path or not path.endswith(".json") or "" in parts:
            raise ValueError("leaves the repository or names no JSON file")
        if any(place.is_symlink() for place in self._steps(parts)):
            raise ValueError("goes through a link")
        try:
            content = read_json(bytes(map_file(self.root / path)))
        except InputError as error:
            raise ValueError(error.cause) from None
        except ValueError as error:
            raise ValueError(f"{error}; this is of the file that it takes in") from None
        for key in where.split("::") if where else ():
            content = content[int(key)] if isinstance(content, list) and key.isdigit() and int(key) < len(content) \
                else content.get(key, self) if isinstance(content, Mapping) else self
            if content is self:
                raise ValueError(f"names {key!r}, which is not there")
        return content

    def _steps(self, parts: list[str]) -> Iterator[Path]:
        return (self.root.joinpath(*parts[:count]) for count in range(1, len(parts) + 1))
