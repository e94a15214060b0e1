"""Write ``datalist.json``, the last file of a prepared data set; one that others wrote, or that would deal cases anew,
is not replaced."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monai_seg.data.splits import SPLITS
from monai_seg.durable import write_text_durably
from monai_seg.errors import InputError
from monai_seg.prepare.orphans import first_names

NAME = "datalist.json"
MARK = "prepared_by"  # the key that tells our lists from those of others
Splits = Mapping[str, Sequence[Mapping[str, Any]]]


def write_datalist(dataset_dir: Path, splits: Splits, facts: Mapping[str, Any]) -> Path:
    """Write the list and return its path; a list that says the same is left as it is.

    Args:
        dataset_dir: the folder that image and label paths are below.
        splits: cases by split, with absolute paths or paths below ``dataset_dir``.
        facts: what else the list says, ``prepared_by`` among it.

    Raises:
        InputError: see `check_may_write`; a file outside of the folder; or the file system refuses.
    """
    path = dataset_dir / NAME
    content = {**facts, **{split: [_relative(case, dataset_dir) for case in splits[split]] for split in SPLITS}}
    check_may_write(path, content)
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        write_text_durably(path, text)
    return path


def check_may_write(path: Path, content: Mapping[str, Any]) -> None:
    """Refuse to replace the list ``path`` by ``content`` where that is not the same list, grown.

    Raises:
        InputError: a list stands there that we did not write, or that has cases in other splits or folds.
    """
    old = check_is_ours(path)
    if old is None:
        return
    before, after = _places(old), _places(content)
    moved = [image for image, place in before.items() if image in after and not _stays(place, after[image])]
    if moved:
        was, now = before[moved[0]], after[moved[0]]
        raise InputError(path, f"{len(moved):,} of its cases would move, {moved[0]} from {_told(was)} to {_told(now)}",
                         "give the options it was made with, or remove it to deal all cases anew")


def check_is_ours(path: Path) -> Mapping[str, Any] | None:
    """Return the list ``path``, None where there is none.

    Raises:
        InputError: it is not readable, or was not written by `write_datalist`.
    """
    if not path.exists():
        return None
    try:
        old = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        old = None
    if not isinstance(old, dict) or MARK not in old:
        raise InputError(path, "is there already, and was not written by this program",
                         "keep it and leave this out, or move it away")
    return old


def left_out(path: Path, images: Sequence[str]) -> str:
    """Return what the list ``path`` has that ``images`` (paths below its folder) lack, in words; "" if nothing."""
    old = check_is_ours(path)
    gone = sorted(set(_places(old)) - set(images)) if old else []
    return f"{len(gone):,} cases of the former list are gone ({first_names(gone)})" if gone else ""


def _places(content: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    return {case["image"]: (split, case.get("fold")) for split in SPLITS for case in content.get(split, ())}


def _stays(old: tuple[str, Any], new: tuple[str, Any]) -> bool:
    return old == new or (old[1] is None and old[0] == new[0])  # folds may be added later


def _told(place: tuple[str, Any]) -> str:
    split, fold = place
    return split if fold is None else f"{split}, fold {fold}"


def _relative(case: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    return {**case, **{key: _below(case[key], folder) for key in ("image", "label") if key in case}}


def _below(path: Any, folder: Path) -> Any:
    if isinstance(path, list | tuple):
        return [_below(part, folder) for part in path]
    path, root = Path(path), folder.absolute()
    if path.is_absolute():
        if not path.is_relative_to(root):
            raise InputError(path, f"lies outside of {root}, where the list stands", "name a folder that holds both")
        path = path.relative_to(root)
    return path.as_posix()
