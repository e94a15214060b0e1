"""MANIFEST.json: size and hash of every file of a packed bundle, and of itself.

A hash proves that nothing changed since packing, not who packed. Compare the bundle's hash, which is the manifest's
own, with the one that the sender tells by another way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from monai_seg.errors import InputError

MANIFEST = "MANIFEST.json"
FORMAT = 1
OWN_HASH = "sha256"
HASH = re.compile(r"[0-9a-f]{64}")
BLOCK = 1 << 20


def build_manifest(name: str, files: Mapping[str, bytes | Path], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest of ``files``; `manifest_bytes` writes it.

    Args:
        name: the bundle's name, which is that of the top folder.
        files: path in the bundle with ``/`` -> bytes, or a file; without the manifest itself.
        facts: whatever else shall be told, such as ``versions`` (with ``monai_seg``) and ``run``. JSON alone.

    Raises:
        InputError: ``facts`` or ``files`` use a name that the manifest needs, or a file cannot be read.
    """
    taken = {"format", "name", "files", OWN_HASH} & facts.keys() | {MANIFEST} & files.keys()
    if taken:
        raise InputError(f"{MANIFEST}", f"{sorted(taken)[0]} is made here", "give it another name")
    listed = [{"path": path, "size": size, "sha256": digest}
              for path, (size, digest) in sorted((path, _measure(content)) for path, content in files.items())]
    manifest = {"format": FORMAT, "name": name, **facts, "files": listed}
    return {**manifest, OWN_HASH: own_hash(manifest)}


def manifest_bytes(manifest: Mapping[str, Any]) -> bytes:
    """Return the one way in which a manifest is written."""
    return (json.dumps(manifest, indent=2, sort_keys=True, allow_nan=False) + "\n").encode("ascii")


def own_hash(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest as it is written without this hash."""
    rest = {key: value for key, value in manifest.items() if key != OWN_HASH}
    return hashlib.sha256(manifest_bytes(rest)).hexdigest()


def manifest_problems(manifest: Any, data: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield id, cause and mend of what is wrong with a manifest in itself; ``data`` are the bytes it was read from."""
    if not isinstance(manifest, Mapping):
        yield "", "is no dictionary", "take the file that pack wrote"
        return
    if manifest.get("format") != FORMAT:
        yield "format", f"is {manifest.get('format')!r}; this version reads {FORMAT}", "update monai_seg"
        return
    files = manifest.get("files")
    if not isinstance(files, list) or not all(_is_file(file) for file in files):
        yield "files", "is no list of path, size and sha256", "take the file that pack wrote"
        return
    paths = [file["path"] for file in files]
    yield from (("files", f"lists {path!r} twice", "take the file that pack wrote")
                for path in sorted({path for path in paths if paths.count(path) > 1}))
    if manifest.get(OWN_HASH) != own_hash(manifest):
        yield OWN_HASH, "is not the hash of this manifest: it was changed", "fetch the bundle again"
    elif manifest_bytes(manifest) != data:
        yield "", "is not written as pack writes it: it was changed", "fetch the bundle again"


def _is_file(file: Any) -> bool:
    return (isinstance(file, Mapping) and file.keys() == {"path", "size", "sha256"} and isinstance(file["path"], str)
            and isinstance(file["size"], int) and isinstance(file["sha256"], str)
            and HASH.fullmatch(file["sha256"]) is not None)


def _measure(content: bytes | Path) -> tuple[int, str]:
    if isinstance(content, bytes):
        return len(content), hashlib.sha256(content).hexdigest()
    digest, size = hashlib.sha256(), 0
    try:
        with open(content, "rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise InputError(content, f"cannot be read ({error.strerror})", "name files that are there") from error
    return size, digest.hexdigest()
