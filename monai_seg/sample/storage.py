"""Writes a twin's folder so that it is either complete, or completed by the next call; never half and trusted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from monai_seg.errors import InputError

DONE, BEGUN = "twin.json", "twin.unfinished.json"
Content = Mapping[str, "Image.Image | str"]  # relative path -> picture or text


def as_mask(cover: np.ndarray) -> Image.Image:
    """Return the grey 8-bit picture, 0 and 255, of a bool mask (H, W)."""
    return Image.fromarray(cover.astype(np.uint8) * 255)


def is_complete(folder: Path, facts: Mapping[str, object]) -> bool:
    """Return whether ``folder`` holds the very twin that ``facts`` name.

    Raises:
        InputError: the folder holds something else.
    """
    if not folder.exists():
        return False
    if not folder.is_dir():
        raise InputError(folder, "is a file, but a twin needs a folder", "name another folder")
    for name in (DONE, BEGUN):
        if (folder / name).is_file():
            found = _read(folder / name)
            if found == dict(facts):
                return name == DONE
            raise InputError(folder, f"holds another twin, {_tell(found)}, not {_tell(facts)}", _MEND)
    if any(folder.iterdir()):
        raise InputError(folder, "is not empty and holds no twin", _MEND)
    return False


def write_all(folder: Path, facts: Mapping[str, object], contents: Iterable[Content]) -> None:
    """Write every file beside its place and move it there; `twin.json`, which says that all is there, comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / BEGUN, json.dumps(dict(facts), indent=2) + "\n")
    for content in contents:
        for name, thing in content.items():
            _write(folder / name, thing)
    os.replace(folder / BEGUN, folder / DONE)


_MEND = "remove it or name another folder"


def _write(path: Path, thing: Image.Image | str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    if isinstance(thing, str):
        beside.write_text(thing, encoding="utf-8", newline="\n")
    elif path.suffix == ".jpg":
        thing.save(beside, format="JPEG", quality=92)
    else:
        thing.save(beside, format="PNG", compress_level=1)  # noise does not shrink; higher levels only cost time
    os.replace(beside, path)


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None


def _tell(facts: object) -> str:
    return " ".join(f"{key}={value}" for key, value in facts.items()) if isinstance(facts, Mapping) else "unreadable"
