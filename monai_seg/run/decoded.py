"""Where decoded cases of the running config are kept, and what tells them from those of other settings."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import monai_seg
from monai_seg.data.decoded_cache import DecodedCache
from monai_seg.run.config import running_config
from monai_seg.run.identity import versions

FOLDER = ".decoded"
CODE = ("data", "transforms")  # of monai_seg: what decoding runs through
REFERENCE = re.compile(r"@([A-Za-z_][\w:]*)")


def decoded_cache(
    cache_dir: str | None, output_dir: str | Path, cache_disk_mb: float, of: str = "train::preprocessing"
) -> DecodedCache | None:
    """Return the cache for what the transform ``of`` of the running config decodes.

    Args:
        cache_dir: the folder; "auto" for one beside the run folder, which the runs there share; None for no cache.
        output_dir: the run folder.
        cache_disk_mb: the most that the folder may take.
        of: id of the transform.

    Raises:
        InputError: ``cache_disk_mb`` is no number of 0 or more.
    """
    if cache_dir is None or not cache_disk_mb:
        return None
    folder = Path(output_dir).absolute().parent / FOLDER if cache_dir == "auto" else Path(cache_dir)
    settings = {"transform": what_counts(running_config(), of), "versions": versions(), "code": _code_hash()}
    return DecodedCache(folder, json.dumps(settings, sort_keys=True, default=str), cache_disk_mb)


def what_counts(config: Mapping[str, Any], id: str) -> dict[str, Any]:
    """Return the value of ``id`` and of all ids that it refers to, by id."""
    found: dict[str, Any] = {}
    asked = [id]
    while asked:
        asked_id = asked.pop()
        if asked_id not in found:
            found[asked_id] = value = _at(config, asked_id)
            asked += REFERENCE.findall(json.dumps(value, default=str))
    return found


def _at(config: Mapping[str, Any], id: str) -> Any:
    value: Any = config
    for part in id.split("::"):
        if isinstance(value, Mapping) and part in value:
            value = value[part]
        elif isinstance(value, (list, tuple)) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return value if value is not config else None  # the rest is looked up when it is built
    return value


def _code_hash() -> str:
    digest = hashlib.sha256()
    for package in CODE:
        for file in sorted((Path(monai_seg.__file__).parent / package).glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
