"""Paths without links in them, for many files in few folders."""

from __future__ import annotations

import os


class RealPaths:
    """Finds what `os.path.realpath` finds, and looks at each folder once; make a new one for each list that is read."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def of(self, path: str) -> str:
        """Return the absolute path of the file that ``path`` means, whatever links lead there."""
        folder, name = os.path.split(path)
        if name in ("", os.curdir, os.pardir) or os.path.islink(path):
            return os.path.realpath(path)
        return os.path.join(self._of_folder(folder), name)

    def is_inside(self, path: str, folder: str) -> bool:
        """Return whether the file that ``path`` means lies in ``folder``."""
        return os.path.join(self.of(path), "").startswith(os.path.join(self._of_folder(folder), ""))

    def _of_folder(self, folder: str) -> str:
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return self._folders[folder]
