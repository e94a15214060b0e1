"""The report as one HTML page that needs nothing else: no network, no script, pictures inside."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from string import Template

from monai_seg.check.check_data import Report
from monai_seg.check.contact_sheet import Tile, sample_tiles, worst_tiles
from monai_seg.check.finding import SEVERITIES, Finding
from monai_seg.check.page_template import PAGE
from monai_seg.check.plots import draw_plots
from monai_seg.check.table import rows

MOST_LINES = 500  # per kind of finding; check.json has all


def render_page(report: Report) -> str:
    """Return the page of ``report``."""
    sections = [
        ("findings", "Findings", _findings(report)),
        ("worst", "Worst cases", _tiles(worst_tiles(report))),
        ("settings", "Settings that fit", _settings(report)),
        ("numbers", "Numbers", _numbers(report)),
        ("plots", "Plots", _plots(report)),
        ("sample", "Sample, by size of the foreground", _tiles(sample_tiles(report))),
    ]
    shown = [section for section in sections if section[2]]
    return Template(PAGE).substitute(
        title=escape(report.cases.folder.name),
        subtitle=escape(f"{len(report.cases.cases):,} cases from {report.cases.source}, checked by monai_seg"),
        verdict=_verdict(report),
        links="".join(f'<a href="#{name}">{title}</a>' for name, title, _ in shown),
        sections="\n".join(f'<section id="{name}" aria-labelledby="h-{name}"><h2 id="h-{name}">{title}</h2>{body}'
                           "</section>" for name, title, body in shown),
    )


def _verdict(report: Report) -> str:
    counts = Counter(finding.severity for finding in report.findings)
    if not counts:
        return '<li class="ok">nothing found to mend</li>'
    return "".join(f'<li class="{severity}">{counts[severity]:,} {severity}{"s" * (counts[severity] != 1)}</li>'
                   for severity in SEVERITIES if counts[severity])


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
    drawn = "".join(f'<figure><img src="{_uri(png)}" alt="{escape(text)}"><figcaption>{escape(text)}</figcaption>'
                    "</figure>" for text, png in draw_plots(report))
    return f'<div class="plots">{drawn}</div>' if drawn else ""


def _tiles(tiles: Sequence[Tile]) -> str:
    return f'<div class="tiles">{"".join(map(_tile, tiles))}</div>' if tiles else ""


def _tile(tile: Tile) -> str:
    pictures = "".join(f'<img src="{_uri(png)}" alt="{escape(tile.name)} with the outline of its mask" loading="lazy">'
                       for png in (tile.png, tile.aside) if png is not None)
    two = " two" if tile.png is not None and tile.aside is not None else ""
    return (f'<figure><div class="frame{two}">{pictures or "nothing to show"}</div><figcaption>'
            f'<b>{escape(tile.name)}</b><span class="{tile.severity or "soft"}">{escape(tile.text)}</span>'
            "</figcaption></figure>")


def _uri(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
