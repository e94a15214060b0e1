"""The rules that a ``datalist.json`` keeps; `check-data` tells each fault, reading for training ends at the first.

A case is a dictionary in MONAI's form: ``image`` and, where there is a truth, ``label`` (file paths), optionally
``group`` (patient), ``class`` and ``fold``.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from monai_seg.data.case_fault import CaseFault
from monai_seg.data.real_paths import RealPaths
from monai_seg.data.rle_table import MARK
from monai_seg.data.splits import SPLITS
from monai_seg.errors import InputError

LIST_NAME = "datalist.json"
UNTIDY = re.compile(r"(^|[/\\])(\.?[/\\]|\.?$)")  # an empty part of a path, or one that is a dot
Case = dict[str, Any]


class Listed(NamedTuple):
    """A case of the list, with absolute paths, and its split."""

    split: str
    case: Case


def read_list(path: Path) -> tuple[list[Listed], list[CaseFault]]:
    """Return the cases of the list ``path`` that are cases, and all that is wrong with it.

    Raises:
        InputError: it is no list of cases at all.
    """
    content = _content(path)
    source = _Source(path, str(path.parent.absolute()), RealPaths())
    cases: list[Listed] = []
    faults: list[CaseFault] = []
    for split in SPLITS:
        for number, entry in enumerate(content.get(split) or []):
            try:
                cases.append(Listed(split, _absolute(entry, source, f"{split}[{number}]")))
            except InputError as error:
                faults.append(CaseFault("entry of the list", error))
    return cases, [*faults, *_repeats(cases, source), *_torn_groups(cases, path)]


def _content(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(path, f"not a readable JSON file ({error})", "write it anew, or remove it") from error
    if not isinstance(content, dict) or not any(isinstance(content.get(split), list) for split in SPLITS):
        raise InputError(path, "no list of cases in it", f"give it at least one of the keys {', '.join(SPLITS)}")
    for split in SPLITS:
        if not isinstance(content.get(split) or [], list):
            raise InputError(path, f"{split} is a {type(content[split]).__name__}", "write a list of cases")
    return content


class _Source(NamedTuple):
    """A list, the folder that its paths start from, and where they lead."""

    path: Path
    root: str
    real: RealPaths


def _absolute(entry: Any, source: _Source, where: str) -> Case:
    path = source.path
    if not isinstance(entry, dict) or "image" not in entry:
        raise InputError(path, f"{where} is not a case", 'write {"image": "...", "label": "..."}')
    if isinstance(entry["image"], list):
        raise InputError(path, f"{where} names {len(entry['image'])} images", "write one case for each")
    if entry.get("label") == []:
        raise InputError(path, f"{where} has an empty list of mask files", "list an all-black mask")
    return {**entry, **{key: _inside(entry[key], source, where) for key in ("image", "label") if key in entry}}


def _inside(name: Any, source: _Source, where: str) -> Any:
    path, root, real = source
    if isinstance(name, list):
        return [_inside(part, source, where) for part in name]
    if not isinstance(name, str):
        raise InputError(path, f"{where} names a file by {type(name).__name__}", "write the path as a string")
    target = os.path.join(root, name)
    if UNTIDY.search(name):  # seldom: a Path takes ten times as long
        target = str(Path(target))
    if not real.is_inside(target, root):
        raise InputError(path, f"{where} leaves the data set: {name}", "use paths inside the folder of the list")
    file = target.split(MARK)[0]
    if not os.path.exists(file):
        raise InputError(file, f"no such file, though {where} of {path.name} names it",
                         "restore the file or take the case off the list")
    return target


def _repeats(cases: Sequence[Listed], source: _Source) -> Iterator[CaseFault]:
    first: dict[str, int] = {}
    for number, (split, case) in enumerate(cases):
        file = source.real.of(case["image"])  # one file has many names: a.png, sub/../a.png, a link to it
        before = first.setdefault(file, number)
        if before != number:
            yield CaseFault("listed twice", InputError(
                source.path, f"{case['image']} is listed twice ({cases[before].split} and {split})",
                "list each image once"), (number, before))


def _torn_groups(cases: Sequence[Listed], path: Path) -> Iterator[CaseFault]:
    places: dict[str, dict[str, int]] = {}
    for number, (split, case) in enumerate(cases):
        if case.get("group") is not None:
            places.setdefault(str(case["group"]), {}).setdefault(split, number)
    for group, splits in places.items():
        if len(splits) > 1:
            yield CaseFault("group in two splits", InputError(
                path, f"group {group!r} is in {' and in '.join(splits)}", "keep all images of a group in one split"
            ), tuple(splits.values()))
