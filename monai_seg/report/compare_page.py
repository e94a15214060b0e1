"""The page of a comparison: the figures, then the cases that changed most, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from monai_seg.figures.page import Section, render_frame
from monai_seg.report.case_pictures import CasePictures
from monai_seg.report.case_tiles import Tiles, tool_bar
from monai_seg.report.chart import Chart, figures
from monai_seg.report.common_cases import CommonCases
from monai_seg.report.page_parts import SCRIPT, STYLE
from monai_seg.report.paired import Comparison, lower_is_better
from monai_seg.report.report_page import names_of_classes, number_of_classes
from monai_seg.report.scale import scale_of


class Change(NamedTuple):
    """A case that another run scored otherwise than the first: its place among the common cases, and by how much."""

    place: int
    gain: float


def changes(common: CommonCases, other: int, count: int) -> tuple[list[Change], list[Change]]:
    """Return the cases that run ``other`` does worst and best on compared with run 0, ``count`` of each at most."""
    gain = common.values[other] - common.values[0]
    gain = -gain if lower_is_better(common.score) else gain
    order = sorted(range(gain.size), key=lambda place: (gain[place], common.keys[place]))
    worse = [Change(place, float(gain[place])) for place in order if gain[place] < 0][:count]
    better = [Change(place, float(gain[place])) for place in order[::-1] if gain[place] > 0][:count]
    return worse, better


def render_comparison(
    folders: Sequence[Path],
    common: CommonCases,
    found: Sequence[Comparison],
    drawn: Mapping[tuple[int, str], CasePictures],
    notes: Sequence[str],
    *,
    count: int,
    config: Mapping[str, Any],
) -> str:
    """Return the page.

    Args:
        folders: of the runs, the first is what the others are compared with.
        common: their cases.
        found: a comparison for each run but the first.
        drawn: pictures by number of the run and key of the case.
        notes: what is not shown.
        count: cases of each kind.
        config: of the first run, for the names of classes.
    """
    names = short_names(folders)
    tiles = Tiles()
    cases = "".join(_changed(names, common, other, count, tiles, drawn) for other in range(1, len(names)))
    has_layers = any(pictures.errors is not None for pictures in drawn.values())
    bar = tool_bar(Tiles(), names_of_classes(config), number_of_classes(config)) if has_layers and cases else ""
    lines = "".join(f"<li>{escape(note)}</li>" for note in [*common.notes, *notes])
    sections = [
        Section("figures", "Difference", _table(names, common, found)),
        Section("cases", "Cases that changed most", bar + cases),
        Section("charts", "All cases", figures([_scatter(names, common, other) for other in range(1, len(names))])),
        Section("notes", "Not shown", f'<ul class="missing">{lines}</ul>' if lines else ""),
    ]
    subtitle = f"{len(common.keys):,} common cases of the split {common.split}, paired; score: {common.score}."
    title = f"{' and '.join(names[1:])} against {names[0]}"
    return render_frame(title, title, subtitle, [_verdict(name, one, common.score) for name, one
                                                in zip(names[1:], found, strict=True)], sections,
                        style=STYLE, script=SCRIPT)


def short_names(folders: Sequence[Path]) -> list[str]:
    """Return the folders' names, with as many of the folders above as tell them apart."""
    parts = [folder.absolute().parts for folder in folders]
    for depth in range(1, max(map(len, parts)) + 1):
        names = ["/".join(part[-depth:]) for part in parts]
        if len(set(names)) == len(names):
            return names
    return [f"{'/'.join(part[-1:])} ({number})" for number, part in enumerate(parts, start=1)]


def _verdict(name: str, found: Comparison, score: str) -> tuple[str, str]:
    worse = found.worse_by(score)
    sure = found.low > 0 or found.high < 0
    kind = ("error" if worse > 0 else "ok") if sure else ""
    said = ("worse" if worse > 0 else "better") if sure else "no clear difference"
    return kind, f"{name}: {score} {found.difference:+.4f} ({found.low:+.4f} to {found.high:+.4f}), {said}"


def _table(names: Sequence[str], common: CommonCases, found: Sequence[Comparison]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="n">{one.mean_other:.4f}</td><td class="n"><b>'
        f'{one.difference:+.4f}</b></td><td class="n">{one.low:+.4f} to {one.high:+.4f}</td><td class="n">{one.p:.3g}'
        f'</td><td class="n">{one.wins} / {one.losses} / {one.ties}</td></tr>'
        for name, one in zip(names[1:], found, strict=True))
    baseline = (f'<tr><th scope="row">{escape(names[0])} <span class="soft">the others are compared with it</span></th>'
                f'<td class="n">{common.values[0].mean():.4f}</td><td></td><td></td><td></td><td></td></tr>')
    heads = "".join(f'<th scope="col" class="n">{head}</th>' for head in (
        f"mean {escape(common.score)}", "difference", "95 % interval", "Wilcoxon p", "wins / losses / ties"))
    return ('<div class="wide" tabindex="0" role="region" aria-label="differences"><table class="scores"><thead><tr>'
            f'<th scope="col">run</th>{heads}</tr></thead><tbody>{baseline}{rows}</tbody></table></div>'
            '<p class="soft">A difference is the mean over the cases of other minus first; its interval is a '
            "percentile bootstrap that draws patients. The Wilcoxon signed-rank test is two-sided and leaves ties out; "
            "with several runs its p is not adjusted.</p>")


def _changed(names: Sequence[str], common: CommonCases, other: int, count: int, tiles: Tiles,
             drawn: Mapping[tuple[int, str], CasePictures]) -> str:  # fmt: skip
    body = ""
    for title, found in zip(("worse", "better"), changes(common, other, count), strict=True):
        pairs = "".join(_pair(names, common, other, change, tiles, drawn) for change in found)
        if pairs:
            body += f'<h3>{escape(f"{names[other]} is {title}")}</h3><div class="cases pairs">{pairs}</div>'
    return body


def _pair(names: Sequence[str], common: CommonCases, other: int, change: Change, tiles: Tiles,
          drawn: Mapping[tuple[int, str], CasePictures]) -> str:  # fmt: skip
    key = common.keys[change.place]
    sides = "".join(tiles.tile(names[run], f"{common.score} {common.values[run, change.place]:.3f}",
                               drawn.get((run, key))) for run in (0, other))
    kind = "error" if change.gain < 0 else "ok"
    by = f"{'worse' if change.gain < 0 else 'better'} by {abs(change.gain):.3f}"
    return f'<div class="pair"><p><b>{escape(key)}</b> <span class="{kind}">{by}</span></p>{sides}</div>'


def _scatter(names: Sequence[str], common: CommonCases, other: int) -> str:
    first, second = common.values[0], common.values[other]
    axis = scale_of([first, second])
    x_label, y_label = (f"{common.score}, {name}" for name in (names[0], names[other]))
    chart = Chart(f"{names[other]} against {names[0]}", x_label, y_label, axis, axis)
    chart.diagonal()
    chart.dots(first, second, "a case")
    correlation = np.corrcoef(first, second)[0, 1] if first.std() > 0 and second.std() > 0 else float("nan")
    told = f" Correlation {correlation:.2f}." if correlation == correlation else ""
    return chart.figure(f"On the dashed line both runs are equal.{told}")
