"""Files that can be made again: never half written, proved by a hash, and not flushed to the disk."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from threading import get_ident

HASH_BYTES = 16


def hash_of(content: bytes | memoryview) -> bytes:
    """Return 16 bytes that tell ``content`` from any other."""
    return blake2b(content, digest_size=HASH_BYTES).digest()


def write_spare(path: str | Path, content: bytes) -> None:
    """Write ``content`` beside ``path`` and rename it; folders are made.

    Raises:
        OSError: the file system refuses; what was begun is removed.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}.tmp")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
