"""The scores of small, medium and large lesions side by side, as HTML tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from monai_seg.report.scored_case import number

SIZES = ("small", "medium", "large")
SHOWN = {
    "dice": ("Dice", ""),
    "iou": ("IoU", ""),
    "hd95": ("HD95", "px"),
    "surface_dice": ("surface Dice", ""),
    "recall": ("recall", "share of the lesion found"),
    "miss_rate": ("miss rate", "images in which nothing was found"),
}
DIGITS = {"hd95": 2}
Row = Mapping[str, str]


def size_tables(rows: Mapping[str, Row]) -> str:
    """Return a table of all lesions, and one of each class where there are several.

    Args:
        rows: of summary.csv by score, without the split: ``dice_small``, ``dice_small_nucleus``.
    """
    ends = [name.removeprefix("images_small") for name in rows if name.startswith("images_small")]
    return "".join(_table(rows, end) for end in ends)


def _table(rows: Mapping[str, Row], end: str) -> str:
    counts = {size: number(rows.get(f"images_{size}{end}", {}).get("value")) for size in SIZES}
    sizes = [size for size in SIZES if counts[size] > 0]
    if not sizes:
        return ""
    title = "By lesion size" + (f": {end[1:]}" if end else "")
    head = "".join(f'<th scope="col" class="n">{size}<span class="soft">{_limits(rows, size, end)}</span></th>'
                   for size in sizes)
    counted = "".join(f'<td class="n">{counts[size]:,.10g}</td>' for size in sizes)
    body = "".join(_row([rows.get(f"{name}_{size}{end}", {}) for size in sizes], *said, DIGITS.get(name, 3))
                   for name, said in SHOWN.items())
    return (f'<h4>{escape(title)}</h4><div class="wide" tabindex="0" role="region" aria-label="{escape(title)}">'
            f'<table class="scores sizes"><thead><tr><th scope="col">score</th>{head}</tr></thead><tbody><tr><th '
            f'scope="row">images</th>{counted}</tr>{body}</tbody></table></div>')


def _row(of_sizes: Sequence[Row], label: str, meaning: str, digits: int) -> str:
    cells = "".join(_cell(row, digits) for row in of_sizes)
    return f'<tr><th scope="row">{label} <span class="soft">{meaning}</span></th>{cells}</tr>'


def _limits(rows: Mapping[str, Row], size: str, end: str) -> str:
    small, medium = (number(rows.get(f"{name}_max_area_px{end}", {}).get("value")) for name in ("small", "medium"))
    if size == "small":
        return f"to {small:,.0f} px"
    return f"to {medium:,.0f} px" if size == "medium" else f"above {medium:,.0f} px"


def _cell(row: Row, digits: int) -> str:
    value, low, high = (number(row.get(column)) for column in ("value", "low", "high"))
    said = "undefined" if math.isnan(value) else f"{value:,.{digits}f}"
    interval = "" if math.isnan(low) or math.isnan(high) else f"{low:,.{digits}f} – {high:,.{digits}f}"
    undefined = number(row.get("undefined"))
    lost = f'<span class="warning">{undefined:,.0f} undefined</span>' if undefined > 0 else ""
    return f'<td class="n"><b>{said}</b><span class="soft">{interval}</span>{lost}</td>'
