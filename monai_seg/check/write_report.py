"""Write a report as ``check.json`` and ``index.html``, with a ``datalist.json`` to copy where that mends something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monai_seg.check.check_data import Report
from monai_seg.check.listed import LIST_NAME
from monai_seg.check.page import render_page
from monai_seg.durable import make_folder, write_text_durably

FOLDERS = "masks in folders"


def write_report(report: Report, folder: str | Path) -> Path:
    """Write them into ``folder``, made where it is missing, and return the path of the page.

    Raises:
        InputError: the folder cannot be written.
    """
    target = make_folder(folder)
    write_text_durably(target / "check.json", json.dumps(report_json(report), indent=1) + "\n")
    write_text_durably(target / "index.html", render_page(report))
    if any(finding.kind == FOLDERS for finding in report.findings):
        write_text_durably(target / LIST_NAME, json.dumps(_datalist(report), indent=1) + "\n")
    return target / "index.html"


def _datalist(report: Report) -> dict[str, list[dict[str, str]]]:
    """Return the list that makes masks in folders readable, split as they would be without a list."""
    splits: dict[str, list[dict[str, str]]] = {"training": [], "validation": [], "test": []}
    for case in report.cases.cases:
        if case.image is not None and isinstance(case.label, str):
            label = Path(case.label).relative_to(report.cases.folder).as_posix()
            splits[case.split].append({"image": case.name, "label": label})
    return splits


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as plain JSON: findings, numbers, settings with their reasons, and the cases."""
    return {
        "folder": str(report.cases.folder),
        "source": report.cases.source,
        "has_errors": report.has_errors,
        "findings": [finding.to_json() for finding in report.findings],
        "summary": report.summary.to_json(),
        "settings": {setting.name: setting.value for setting in report.settings},
        "reasons": {setting.name: setting.reason for setting in report.settings},
        "cases": [
            {
                "name": case.name,
                "split": case.split,
                "group": case.group,
                "size": list(fact.image.size) if fact.image is not None else None,
                "mode": f"{fact.image.mode} {fact.image.bits}-bit" if fact.image is not None else None,
                "class_pixels": {str(key): count for key, count in sorted(counts.items())} if counts else None,
            }
            for case, fact, counts in zip(report.cases.cases, report.facts, report.classes, strict=True)
        ],
    }
