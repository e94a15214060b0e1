"""Hashes of a data set's files, kept from one start to the next, so that an unchanged file is read once and no more."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from monai_seg.data.file_hashes import FileFact
from monai_seg.data.spare_file import HASH_BYTES, hash_of, write_spare


class KeptHashes:
    """A file in ``folder`` with what is known of the files below ``root``: size, time of change (ns), SHA-256.

    It is written beside and renamed, and begins with a hash of the rest; one that is damaged is as good as none.
    """

    def __init__(self, folder: str | Path, root: str | Path) -> None:
        name = hash_of(os.path.abspath(root).encode()).hex()
        self.path = Path(folder) / f"{name}.hashes"

    def load(self) -> dict[str, FileFact]:
        """Return the facts by path relative to ``root``; nothing where nothing sound is kept."""
        try:
            content = self.path.read_bytes()
            if hash_of(content[HASH_BYTES:]) != content[:HASH_BYTES]:
                return {}
            kept = json.loads(content[HASH_BYTES:])
            return {name: (size, time, digest) for name, (size, time, digest) in kept.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}

    def save(self, files: Mapping[str, FileFact]) -> None:
        """Keep ``files`` in place of what was kept; without a word where the disk refuses, as nothing is lost."""
        content = json.dumps(dict(files), separators=(",", ":")).encode()
        with suppress(OSError):
            write_spare(self.path, hash_of(content) + content)
