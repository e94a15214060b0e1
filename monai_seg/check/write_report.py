"""Write a report as ``check.json`` and ``index.html``, and the settings as a config to train with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monai_seg.check.check_data import Report
from monai_seg.check.page import render_page
from monai_seg.durable import make_folder, write_text_durably

SETTINGS_NAME = "settings.json"


def write_report(report: Report, folder: str | Path) -> Path:
    """Write them into ``folder``, made where it is missing, and return the path of the page.

    Raises:
        InputError: the folder cannot be written.
    """
    target = make_folder(folder)
    write_text_durably(target / "check.json", json.dumps(report_json(report), indent=1) + "\n")
    write_text_durably(target / SETTINGS_NAME, json.dumps(settings_json(report), indent=2) + "\n")
    write_text_durably(target / "index.html", render_page(report))
    return target / "index.html"


def settings_json(report: Report) -> dict[str, Any]:
    """Return the proposed settings as a config that overrides a bundle's own; the usual ones are left to the bundle."""
    return {setting.name: setting.value for setting in report.settings if not setting.is_usual}


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
