"""The cases of ``datalist.json`` and all that is wrong with it, by the rules that training reads it by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monai_seg.check.case import CaseList, CheckedCase
from monai_seg.check.finding import ERROR, Finding, from_error
from monai_seg.data.list_rules import read_list


def read_cases(path: Path) -> CaseList:
    """Return the cases of the list ``path`` and what is wrong with its entries; a case needs a label here.

    Raises:
        InputError: it is no list of cases at all.
    """
    listed, faults = read_list(path)
    findings = [from_error(fault.kind, fault.error, fault.cases) for fault in faults]
    if not listed and not findings:
        findings.append(Finding(ERROR, "empty list", str(path), "names no case", "list the cases"))
    for number, (split, case) in enumerate(listed):
        if "label" not in case:
            findings.append(Finding(ERROR, "image without mask", case["image"], f"image without mask (its case in "
                                    f"{split} has no label)", "add the label or take the image away", (number,)))
    root = path.parent.absolute()
    return CaseList(path.parent, path.name, tuple(_checked(split, case, root) for split, case in listed),
                    tuple(findings))


def _checked(split: str, case: dict[str, Any], root: Path) -> CheckedCase:
    label, group = case.get("label"), case.get("group")
    return CheckedCase(Path(case["image"]).relative_to(root).as_posix(), case["image"],
                       tuple(label) if isinstance(label, list) else label, split, None if group is None else str(group))
