"""What a hub tells about a bundle: ``<hub>/<name>/index.json``, beside its zips ``<name>-<version>.zip``.

    {"format": 1, "name": "siim", "versions": {"0.1.0": {"size": 13000000, "sha256": "…", "manifest": "…"}}}

``sha256`` is that of the zip, ``manifest`` that of the bundle as check-bundle tells it. File names follow from name and
version and are never taken from the index.
"""

from __future__ import annotations

import json
import re
from typing import Any

from monai_seg.bundle.inspect.names import PLAIN
from monai_seg.errors import InputError

INDEX, FORMAT = "index.json", 1
HASH = re.compile(r"[0-9a-f]{64}")
LARGEST_INDEX = 1 << 20


def empty_index(name: str) -> dict[str, Any]:
    """Return the index of a bundle that the hub does not hold yet."""
    return {"format": FORMAT, "name": name, "versions": {}}


def read_index(data: bytes, where: str, name: str) -> dict[str, Any]:
    """Return an index after a look at it.

    Raises:
        InputError: it is none, or that of another bundle.
    """
    mend = "look after the hub, or name another"
    try:
        index = json.loads(data.decode("utf-8"))
    except ValueError as error:
        raise InputError(where, "is no index of a hub", mend) from error
    if not isinstance(index, dict) or index.get("format") != FORMAT or index.get("name") != name:
        raise InputError(where, f"is no index of {name} that this version reads", mend)
    versions = index.get("versions")
    if not isinstance(versions, dict) or not all(_is_sound(*item) for item in versions.items()):
        raise InputError(where, "lists versions that are not sound", mend)
    return index


def file_name(name: str, version: str) -> str:
    """Return the name of a bundle's zip in a hub."""
    return f"{name}-{version}.zip"


def newest(versions: dict[str, Any]) -> str:
    """Return the highest version by its numbers; one with letters (1.0rc1) comes before that without."""
    return max(versions, key=lambda version: ([int(number) for number in re.findall(r"\d+", version)[:3]],
                                              not re.search("[a-z]", version), version))


def _is_sound(version: Any, entry: Any) -> bool:
    return (isinstance(version, str) and PLAIN.fullmatch(version) is not None and isinstance(entry, dict)
            and isinstance(entry.get("size"), int) and entry["size"] > 0
            and all(isinstance(entry.get(key), str) and HASH.fullmatch(entry[key]) for key in ("sha256", "manifest")))
