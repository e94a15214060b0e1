"""Scores with their intervals, and confusion matrices, as HTML tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from monai_seg.report.run_files import Rows
from monai_seg.report.scored_case import number
from monai_seg.report.size_table import size_tables

HEADLINE = {
    "dice": "all images; empty and left empty = 1",
    "dice_positive": "images with a lesion",
    "iou": "all images",
    "hd95_positive": "px, 95 % distance of the outlines",
    "surface_dice": "outlines within 2 px",
    "precision": "",
    "recall": "",
    "specificity": "",
    "false_alarm_rate": "images without it in which it was found",
    "miss_rate": "images with it in which it was not found",
    "image_auc": "is there a lesion?",
    "ece": "expected calibration error",
    "class_accuracy": "class of the image",
    "class_f1": "macro",
    "class_auc": "one against the rest",
    "class_ece": "calibration error of the class that was given",
    "accuracy": "",
    "f1": "macro",
    "auc": "one against the rest",
}


def score_tables(summary: Rows, split: str) -> str:
    """Return the scores of ``split``: those that matter most, by lesion size, and all folded away."""
    rows = {row.get("score", "").removeprefix(f"{split}_"): row for row in summary}
    left_out = ("accuracy", "f1", "auc") if "dice" in rows else ()  # of pixels: high wherever lesions are small
    first = [name for name in HEADLINE if name in rows and name not in left_out]
    tables = _table(first, rows, HEADLINE) if first else ""
    return (f'{tables}{size_tables(rows)}<details><summary>All {len(rows)} scores of {escape(split)}</summary>'
            f"{_table(list(rows), rows, {})}</details>")


def confusion_tables(rows: Rows) -> str:
    """Return a matrix for each thing that confusion.csv counts; shades are shares of the true class."""
    drawn = []
    for of in dict.fromkeys(row.get("of", "images") for row in rows):
        counts = {(row["truth"], row.get("pred", row.get("prediction", ""))): number(row["count"])
                  for row in rows if row.get("of", "images") == of}
        names = list(dict.fromkeys(truth for truth, _ in counts))
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
        body = "".join(f'<tr><th scope="row">{escape(truth)}</th>{_matrix_row(truth, names, counts)}</tr>'
                       for truth in names)
        drawn.append(f'<figure class="chart"><h3>Confusion of {escape(of)}</h3><div class="wide" tabindex="0" '
                     f'role="region" aria-label="confusion of {escape(of)}"><table class="matrix"><thead><tr><th '
                     f'scope="col"><span class="soft">truth ↓ found →</span></th>{head}</tr></thead><tbody>{body}'
                     f"</tbody></table></div><figcaption>Share of the true class, and number of {escape(of)}."
                     "</figcaption></figure>")
    return "".join(drawn)


def _matrix_row(truth: str, names: Sequence[str], counts: dict[tuple[str, str], float]) -> str:
    total = sum(counts.get((truth, name), 0) for name in names)
    cells = []
    for name in names:
        count = counts.get((truth, name), 0)
        share = count / total if total else 0.0
        kind = "hit" if name == truth else "wrong"
        cells.append(f'<td class="{kind}" style="--share:{share:.3f}"><b>{share:.1%}</b><br>{count:,.0f}</td>')
    return "".join(cells)


def _table(names: Sequence[str], rows: dict[str, dict[str, str]], meaning: dict[str, str]) -> str:
    body = "".join(_row(name, rows[name], meaning.get(name, "")) for name in names)
    return ('<div class="wide" tabindex="0" role="region" aria-label="scores"><table class="scores"><thead><tr>'
            '<th scope="col">score</th><th scope="col" class="n">value</th><th scope="col" class="n">95 % interval</th>'
            '<th scope="col" class="bar">0 to 1</th><th scope="col" class="n">values</th>'
            f'<th scope="col" class="n">undefined</th></tr></thead><tbody>{body}</tbody></table></div>')


def _row(name: str, row: dict[str, str], meaning: str) -> str:
    value, low, high = (number(row.get(column)) for column in ("value", "low", "high"))
    said = f' <span class="soft">{escape(meaning)}</span>' if meaning else ""
    interval = "" if math.isnan(low) or math.isnan(high) else f"{_text(low)} – {_text(high)}"
    return (f'<tr><th scope="row">{escape(name)}{said}</th><td class="n"><b>{_text(value)}</b></td>'
            f'<td class="n">{interval}</td><td class="bar">{_bar(value, low, high)}</td>'
            f'<td class="n">{escape(row.get("count", ""))}</td><td class="n">{escape(row.get("undefined", ""))}</td>'
            "</tr>")


def _bar(value: float, low: float, high: float) -> str:
    if math.isnan(low) or math.isnan(high) or not (low >= 0 and high <= 1 and low <= high):
        return ""
    return ('<svg viewBox="0 0 120 14" width="120" height="14" aria-hidden="true"><path class="grid" d="M1 7H119"/>'
            f'<path class="range" d="M{1 + 118 * low:.1f} 7H{1 + 118 * high:.1f}"/>'
            f'<circle class="dot" cx="{1 + 118 * value:.1f}" cy="7" r="4"/></svg>')


def _text(value: float) -> str:
    if math.isnan(value):
        return "undefined"
    if value == int(value) and abs(value) >= 2:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.1f}"
