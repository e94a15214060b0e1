"""The report as one HTML page that needs nothing else: no network, no script, pictures inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from monai_seg.check.check_data import Report
from monai_seg.check.contact_sheet import Tile, sample_tiles, worst_tiles
from monai_seg.check.finding import SEVERITIES, Finding
from monai_seg.check.page_template import STYLE
from monai_seg.check.plots import draw_plots
from monai_seg.check.table import rows
from monai_seg.figures.page import Section, data_uri, render_frame

MOST_LINES = 500  # per kind of finding; check.json has all


def render_page(report: Report) -> str:
    """Return the page of ``report``."""
    sections = [
        Section("findings", "Findings", _findings(report)),
        Section("worst", "Worst cases", _tiles(worst_tiles(report))),
        Section("settings", "Settings that fit", _settings(report)),
        Section("numbers", "Numbers", _numbers(report)),
        Section("plots", "Plots", _plots(report)),
        Section("sample", "Sample, by size of the foreground", _tiles(sample_tiles(report))),
    ]
    name = report.cases.folder.name
    subtitle = f"{len(report.cases.cases):,} cases from {report.cases.source}, checked by monai_seg"
    return render_frame(f"Check of {name}", name, subtitle, _verdict(report), sections, style=STYLE)


def _verdict(report: Report) -> list[tuple[str, str]]:
    counts = Counter(finding.severity for finding in report.findings)
    if not counts:
        return [("ok", "nothing found to mend")]
    return [(severity, f"{counts[severity]:,} {severity}{'s' * (counts[severity] != 1)}")
            for severity in SEVERITIES if counts[severity]]


def _findings(report: Report) -> str:
    if not report.findings:
        return "<p>Every file was read, and no finding is left to mend.</p>"
    by_kind: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        by_kind.setdefault((finding.severity, finding.kind), []).append(finding)
    return "".join(_kind(severity, kind, found, number < 3) for number, ((severity, kind), found)
                   in enumerate(by_kind.items()))


def _kind(severity: str, kind: str, found: Sequence[Finding], is_open: bool) -> str:
    lines = "".join(f"<li><code>{escape(finding.where)}</code><br>{escape(finding.cause)}; "
                    f"<em>{escape(finding.mend)}</em></li>" for finding in found[:MOST_LINES])
    more = f"<li>… and {len(found) - MOST_LINES:,} more in check.json</li>" if len(found) > MOST_LINES else ""
    return (f"<details{' open' * is_open}><summary><span class={severity}>{severity}</span> · {escape(kind)} "
            f"({len(found):,})</summary><ul>{lines}{more}</ul></details>")


def _settings(report: Report) -> str:
    lines = "\n".join(escape(f"{setting.line},") for setting in report.settings)
    reasons = _table((setting.name, setting.reason) for setting in report.settings)
    return (f'<p>Lines for the bundle\'s train.json.</p><pre><code>{lines}</code>'
            f'</pre><p></p>{reasons}')


def _numbers(report: Report) -> str:
    return _table(rows(report.summary))


def _table(pairs: Iterable[tuple[str, str]]) -> str:
    return "<table>" + "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
                               for name, value in pairs) + "</table>"


def _plots(report: Report) -> str:
    drawn = "".join(f'<figure><img src="{data_uri(png)}" alt="{escape(text)}"><figcaption>{escape(text)}</figcaption>'
                    "</figure>" for text, png in draw_plots(report))
    return f'<div class="plots">{drawn}</div>' if drawn else ""


def _tiles(tiles: Sequence[Tile]) -> str:
    return f'<div class="tiles">{"".join(map(_tile, tiles))}</div>' if tiles else ""


def _tile(tile: Tile) -> str:
    text = f"{escape(tile.name)} with the outline of its mask"
    pictures = "".join(f'<img src="{data_uri(png)}" alt="{text}" loading="lazy">'
                       for png in (tile.png, tile.aside) if png is not None)
    two = " two" if tile.png is not None and tile.aside is not None else ""
    return (f'<figure><div class="frame{two}">{pictures or "nothing to show"}</div><figcaption>'
            f'<b>{escape(tile.name)}</b><span class="{tile.severity or "soft"}">{escape(tile.text)}</span>'
            "</figcaption></figure>")
