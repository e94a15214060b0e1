"""What ``python -m monai_seg check-bundle`` does: look, print, write, and tell by the exit code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monai_seg.bundle.inspect.check_bundle import BundleReport, check_bundle
from monai_seg.bundle.inspect.finding import Finding, printable
from monai_seg.durable import write_text_durably


def run_check(bundle: Path, json_out: Path | None, allow_torchscript: bool, allow_code: bool) -> int:
    """Check ``bundle`` and return the exit code: 1 where something is refused, else 0.

    Raises:
        InputError: there is no such bundle, or ``json_out`` cannot be written.
    """
    report = check_bundle(bundle, allow_torchscript=allow_torchscript, allow_code=allow_code)
    if json_out is not None:
        write_text_durably(json_out, json.dumps(as_json(report), indent=2) + "\n")
    print_report(report, Console())
    return int(bool(report.refusals))


def as_json(report: BundleReport) -> dict[str, Any]:
    """Return a report as plain values."""
    return {
        "bundle": report.bundle, "form": report.form, "name": report.name, "sha256": report.sha256,
        "passed": not report.refusals,
        "files": [asdict(file) for file in report.files],
        "refusals": [_finding(finding) for finding in report.refusals],
        "notes": [_finding(finding) for finding in report.notes],
    }  # fmt: skip


def print_report(report: BundleReport, console: Console) -> None:
    """Print a row for each file, a line for each finding, and the verdict."""
    refused = {finding.file for finding in report.refusals}
    table = Table("file", "kind", "bytes", "verdict")
    for file in report.files:
        table.add_row(*(Text(printable(cell)) for cell in (file.path, file.kind or "none", f"{file.size:,}",
                                                           "refused" if file.path in refused else "ok")))
    console.print(table)
    for finding in report.findings:
        kind = "refused" if finding.is_refusal else "note"
        console.print(Text(f"{kind}: {finding.line()}"), soft_wrap=True)
    verdict = f"refused for {len(report.refusals)} reasons" if report.refusals else "nothing refused"
    identity = f", sha256 {report.sha256}" if report.sha256 else ""
    console.print(Text(printable(f"{report.bundle}: {verdict} in {len(report.files)} files{identity}")), soft_wrap=True)


def _finding(finding: Finding) -> dict[str, str]:
    return {"file": finding.file, "id": finding.where, "cause": finding.cause, "mend": finding.mend}
