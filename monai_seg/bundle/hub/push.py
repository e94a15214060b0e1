"""Put a packed bundle into a hub: nothing that would be refused, no version twice with other content."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from monai_seg.bundle.hub.index import INDEX, empty_index, file_name, read_index
from monai_seg.bundle.inspect import check_bundle
from monai_seg.bundle.inspect.member import map_file
from monai_seg.bundle.inspect.packed import open_packed
from monai_seg.durable import make_folder, write_durably, write_text_durably
from monai_seg.errors import InputError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Pushed:
    """What lies in the hub now; ``sha256`` is that of the zip."""

    name: str
    version: str
    sha256: str


def push(bundle: str | Path, hub: str | Path) -> Pushed:
    """Copy the zip ``bundle`` into the folder ``hub`` and list it there. Pushing the same again changes nothing.

    Raises:
        InputError: check-bundle refuses it, or the hub holds this version with other content.
    """
    source = Path(bundle)
    if source.is_dir():
        raise InputError(source, "is a folder", "name the zip that pack wrote")
    report = check_bundle(source, allow_code=True, allow_torchscript=True)  # whoever pulls decides about these
    if report.refusals:
        raise InputError(source, f"is refused: {report.refusals[0].line()}",
                         "run python -m monai_seg check-bundle for all reasons")
    name, version = report.name, _version(source)
    digest = hashlib.sha256(map_file(source)).hexdigest()
    folder = make_folder(Path(hub) / name)
    with _one_at_a_time(folder):
        path = folder / INDEX
        index = read_index(path.read_bytes(), str(path), name) if path.exists() else empty_index(name)
        listed = index["versions"].get(version)
        if listed is not None and listed["sha256"] != digest:
            raise InputError(source, f"{name}@{version} is in the hub already, with other content",
                             "raise version in metadata.json, say in its changelog what is new, and pack again")
        target = folder / file_name(name, version)
        if listed is None or not target.is_file() or hashlib.sha256(map_file(target)).hexdigest() != digest:
            with open(source, "rb") as content:
                write_durably(target, lambda file: shutil.copyfileobj(content, file))
        index["versions"][version] = {"size": source.stat().st_size, "sha256": digest, "manifest": report.sha256}
        write_text_durably(path, json.dumps(index, indent=2, sort_keys=True) + "\n")
    return Pushed(name, version, digest)


def _version(source: Path) -> str:
    members = {member.path: member for member in open_packed(source.name, map_file(source)).members}
    metadata = members.get("configs/metadata.json")
    version = json.loads(bytes(metadata.read())).get("version") if metadata is not None else None
    if not isinstance(version, str) or not version:
        raise InputError(source, "tells no version in configs/metadata.json", "write one, and pack again")
    return version


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep two that push at once from losing each other's line, where the disk has such locks."""
    handle = os.open(folder, os.O_RDONLY) if fcntl is not None else None
    try:
        if handle is not None:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        if handle is not None:
            os.close(handle)
