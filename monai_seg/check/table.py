"""The report on the terminal: a table where there is one, plain lines where the output goes into a file or a pipe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monai_seg.check.check_data import Report
from monai_seg.check.finding import SEVERITIES, Finding
from monai_seg.check.summary import Summary

MOST_LINES = 200  # of findings that are no errors; errors are told all
COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def print_report(report: Report, console: Console) -> None:
    """Print the numbers, every error on a line of its own, further findings, and the settings."""
    if console.is_terminal:
        _print_table(report, console)
    else:
        for name, value in rows(report.summary):
            _plain(console, f"{name}: {value}")
    for finding in _shown(report):
        _print_finding(finding, console)
    hidden = len(report.findings) - len(_shown(report))
    if hidden:
        _plain(console, f"… and {hidden:,} more in check.json")
    _plain(console, "settings for the bundle's config:")
    for setting in report.settings:
        _plain(console, f"  {setting.line},")
    _plain(console, verdict(report))


def rows(summary: Summary) -> Iterator[tuple[str, str]]:
    """Yield the numbers of a data set as names and values in words."""
    yield "cases", f"{summary.cases:,} ({_named(summary.splits)})"
    if summary.groups:
        yield "groups", f"{summary.groups:,}"
    yield "images", _named(summary.image_modes)
    yield "image sizes (H x W)", _named(summary.image_sizes)
    if summary.mask_modes:
        yield "masks", _named(summary.mask_modes)
    if summary.areas.size:
        empty = int((summary.areas == 0).sum())
        yield "empty masks", f"{empty:,} of {summary.areas.size:,} ({summary.empty_share:.1%})"
    low, middle, high = summary.to_json()["lesion_area_share_p10_p50_p90"] or (0, 0, 0)
    if high:
        yield "foreground of the others", f"median {middle:.2%} of the image, 80 % between {low:.2%} and {high:.2%}"
    for class_id, (share, images) in enumerate(zip(summary.class_pixels, summary.class_images, strict=True)):
        yield f"class {class_id}", f"{share:.2%} of all pixels, in {images:,} masks"


def verdict(report: Report) -> str:
    """Return the counts of findings in one line."""
    counts = Counter(finding.severity for finding in report.findings)
    told = ", ".join(f"{counts[severity]:,} {severity}{'s' * (counts[severity] != 1)}" for severity in SEVERITIES)
    return f"{told} in {len(report.cases.cases):,} cases ({report.cases.source})"


def _print_table(report: Report, console: Console) -> None:
    table = Table(show_header=False, title=escape(report.cases.folder.name), title_justify="left")
    for name, value in rows(report.summary):
        table.add_row(name, escape(value))
    console.print(table)


def _print_finding(finding: Finding, console: Console) -> None:
    if console.is_terminal:
        console.print(f"[{COLOURS[finding.severity]}]{finding.severity}[/] {escape(finding.line)}", soft_wrap=True,
                      highlight=False)
    else:
        _plain(console, f"{finding.severity}: {finding.line}")


def _plain(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True, emoji=False)


def _shown(report: Report) -> list[Finding]:
    errors = [finding for finding in report.findings if finding.severity == SEVERITIES[0]]
    return [*errors, *report.findings[len(errors):][:MOST_LINES]]


def _named(counts: object) -> str:
    pairs = list(counts.items())  # type: ignore[attr-defined]
    told = ", ".join(f"{name}: {count:,}" for name, count in pairs[:4])
    return told + (f", and {len(pairs) - 4} more" if len(pairs) > 4 else "")
