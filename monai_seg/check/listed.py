"""The cases of ``datalist.json``: all entries, where `monai_seg.data.datalist` stops at the first fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monai_seg.check.case import MARK, CaseList, CheckedCase, Label
from monai_seg.check.finding import ERROR, Finding, from_error
from monai_seg.data.datalist import SPLITS
from monai_seg.errors import InputError

LIST_NAME = "datalist.json"


def read_cases(path: Path) -> CaseList:
    """Return the cases of the list ``path`` and what is wrong with its entries.

    Raises:
        InputError: it is no list of cases at all.
    """
    content = _content(path)
    cases: list[CheckedCase] = []
    findings: list[Finding] = []
    for split in SPLITS:
        for number, entry in enumerate(content.get(split) or []):
            try:
                cases.append(_case(entry, path, split, f"{split}[{number}]"))
            except InputError as error:
                findings.append(from_error("entry of the list", error))
    if not cases and not findings:
        findings.append(Finding(ERROR, "empty list", str(path), "names no case", "list the cases"))
    return CaseList(path.parent, path.name, tuple(cases), (*findings, *_repeats(cases, path)))


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


def _case(entry: Any, path: Path, split: str, where: str) -> CheckedCase:
    if not isinstance(entry, dict) or "image" not in entry:
        raise InputError(path, f"{where} is not a case", 'write {"image": "...", "label": "..."}')
    if isinstance(entry["image"], list):
        raise InputError(path, f"{where} names {len(entry['image'])} images", "write one case for each")
    image = _inside(entry["image"], path, where)
    label = entry.get("label")
    if label is None:
        raise InputError(image, f"image without mask ({where} of {path.name} has no label)",
                         "add the label or take the image away")
    labels: Label
    if isinstance(label, list):
        if not label:
            raise InputError(path, f"{where} has an empty list of mask files", "list an all-black mask")
        labels = tuple(_inside(part, path, where) for part in label)
    else:
        labels = _inside(label, path, where)
    group = entry.get("group")
    name = Path(image).relative_to(path.parent.absolute()).as_posix()
    return CheckedCase(name, image, labels, split, None if group is None else str(group))


def _inside(name: Any, path: Path, where: str) -> str:
    if not isinstance(name, str):
        raise InputError(path, f"{where} names a file by {type(name).__name__}", "write the path as a string")
    root = path.parent.absolute()
    target = root / name
    if not target.resolve().is_relative_to(root.resolve()):
        raise InputError(path, f"{where} leaves the data set: {name}", "use paths inside the folder of the list")
    file = Path(str(target).split(MARK)[0])
    if not file.exists():
        raise InputError(file, f"no such file, though {where} of {path.name} names it",
                         "restore the file or take the case off the list")
    return str(target)


def _repeats(cases: list[CheckedCase], path: Path) -> list[Finding]:
    first: dict[str, int] = {}
    findings = []
    for number, case in enumerate(cases):
        file = str(Path(str(case.image)).resolve())  # one file has many names: a.png, sub/../a.png, a link to it
        before = first.setdefault(file, number)
        if before != number:
            findings.append(Finding(
                ERROR, "listed twice", str(path), f"{case.image} is listed twice ({cases[before].split} and "
                f"{case.split})", "list each image once", (number, before)))
    return findings
