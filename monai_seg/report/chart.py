"""A chart as inline SVG: it takes its ink from the page, so it is light on dark pages, and it stays small.

    chart = Chart("Dice by epoch", "epoch", "Dice", Scale(0, 60), Scale(0, 1))
    chart.line(epochs, dice, "val_dice")
    chart.figure("what can be seen")
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monai_seg.figures.palette import OKABE_ITO
from monai_seg.report.scale import Scale, tick_text

WIDTH, HEIGHT = 440, 280
LEFT, RIGHT, TOP, BOTTOM = 74, 14, 12, 48
MOST_POINTS = 600  # of a line; more are thinned
DASHES = ("", "7 3", "2 3", "9 3 2 3")  # lines stay apart without their colours
LINES = (OKABE_ITO.classes[2], OKABE_ITO.missed, OKABE_ITO.hit, OKABE_ITO.classes[1], OKABE_ITO.classes[3],
         OKABE_ITO.false)  # blue, vermilion, bluish green, reddish purple, orange, sky blue


class Chart:
    """A chart with labelled axes and a grid, to which lines and dots are added.

    Args:
        title: heading of the chart.
        x_label, y_label: what the axes are, with units.
        x, y: the axes.
    """

    def __init__(self, title: str, x_label: str, y_label: str, x: Scale, y: Scale) -> None:
        self.title, self.x_label, self.y_label, self.x, self.y = title, x_label, y_label, x, y
        self._parts: list[str] = []
        self._legend: list[str] = []

    def line(self, xs: ArrayLike, ys: ArrayLike, label: str, *, faint: bool = False) -> None:
        """Draw a line through the points that are numbers; unknown ones are bridged."""
        x, y = _known(xs, ys)
        if not x.size:
            return
        number = len(self._legend)
        style = _stroke(number) if not faint else 'stroke="currentColor" stroke-opacity=".3" stroke-width="1"'
        x, y = _thinned(x, y)
        points = self._points(x, y)
        self._parts.append(f'<polyline fill="none" stroke-linejoin="round" {style} points="{points}"/>')
        if x.size <= 60 and not faint:
            colour = _colour(number)
            self._parts.append(f'<g fill="{colour}">' + "".join(
                f'<circle cx="{point.partition(",")[0]}" cy="{point.partition(",")[2]}" r="2.6"/>'
                for point in points.split()) + "</g>")
        self._legend.append(f'<span class="key"><svg width="26" height="10" aria-hidden="true">'
                            f'<line x1="0" x2="26" y1="5" y2="5" {style}/></svg>{escape(label)}</span>')

    def dots(self, xs: ArrayLike, ys: ArrayLike, label: str) -> None:
        """Draw a dot at each point; those that would cover each other exactly are drawn once."""
        x, y = _known(xs, ys)
        if not x.size:
            return
        places = np.unique(np.stack(self._place(x, y), axis=1).round(), axis=0)
        path = "".join(f"M{left:.0f} {top:.0f}h0" for left, top in places)
        opacity = 0.75 if len(places) < 300 else 0.4
        colour = _colour(len(self._legend))
        self._parts.append(f'<path d="{path}" stroke="{colour}" stroke-width="6" stroke-linecap="round" '
                           f'stroke-opacity="{opacity}" fill="none"/>')
        self._legend.append(f'<span class="key"><svg width="12" height="10" aria-hidden="true">'
                            f'<circle cx="6" cy="5" r="3.5" fill="{colour}"/></svg>{escape(label)}</span>')

    def mark(self, x: float, y: float, label: str) -> None:
        """Draw a star where something is to be seen, told in the legend."""
        (left,), (top,) = self._place(np.array([x]), np.array([y]))
        star = "M0-9 2.6-2.9 9.2-2.4 4.1 1.9 5.7 8.4 0 4.9-5.7 8.4-4.1 1.9-9.2-2.4-2.6-2.9z"
        self._parts.append(f'<path class="star" d="{star}" transform="translate({left:.1f} {top:.1f})"/>')
        self._legend.append('<span class="key"><svg width="20" height="20" viewBox="-10 -10 20 20" aria-hidden="true">'
                            f'<path class="star" d="{star}"/></svg>{escape(label)}</span>')

    def diagonal(self) -> None:
        """Draw where y equals x."""
        low, high = max(self.x.low, self.y.low), min(self.x.high, self.y.high)
        self._parts.append(f'<polyline points="{self._points(np.array([low, high]), np.array([low, high]))}" '
                           'fill="none" stroke="currentColor" stroke-opacity=".45" stroke-dasharray="4 4"/>')

    def figure(self, text: str) -> str:
        """Return the chart as an HTML figure; ``text`` says in words what it shows."""
        legend = f'<div class="keys">{"".join(self._legend)}</div>'
        return (f'<figure class="chart"><h3>{escape(self.title)}</h3>'
                f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(f"{self.title}. {text}")}">'
                f'{self._axes()}{"".join(self._parts)}</svg>{legend}<figcaption>{escape(text)}</figcaption></figure>')

    def _axes(self) -> str:
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        parts = []
        for value, place in _ticks(self.x):
            left = LEFT + place * (right - LEFT)
            parts.append(f'<line class="grid" x1="{left:.1f}" x2="{left:.1f}" y1="{TOP}" y2="{bottom}"/>'
                         f'<text x="{left:.1f}" y="{bottom + 17}" text-anchor="middle">{tick_text(value)}</text>')
        for value, place in _ticks(self.y):
            top = bottom - place * (bottom - TOP)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{top:.1f}" y2="{top:.1f}"/>'
                         f'<text x="{LEFT - 7}" y="{top + 4.5:.1f}" text-anchor="end">{tick_text(value)}</text>')
        middle = (TOP + bottom) / 2
        parts.append(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>'
                     f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{escape(self.x_label)}'
                     f'</text><text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">'
                     f"{escape(self.y_label)}</text>")
        return "".join(parts)

    def _place(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
        """Return pixels from the left and from the top; what lies outside of the axes is put on their ends."""
        across, up = np.clip(self.x.place(x), 0, 1), np.clip(self.y.place(y), 0, 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    def _points(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
        return " ".join(f"{left:.1f},{top:.1f}" for left, top in zip(*self._place(x, y), strict=True))


def _ticks(scale: Scale) -> list[tuple[float, float]]:
    ticks = scale.ticks()
    return [(value, float(scale.place(value))) for value in ticks]


def _colour(number: int) -> str:
    return "#{:02x}{:02x}{:02x}".format(*LINES[number % len(LINES)])


def _stroke(number: int) -> str:
    dash = DASHES[number % len(DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{_colour(number)}" stroke-width="2"{dashes}'


def _known(xs: ArrayLike, ys: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = np.asarray(xs, np.float64), np.asarray(ys, np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    return x[known], y[known]


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest point of each stretch, where there are more than can be told apart."""
    if x.size <= MOST_POINTS:
        return x, y
    kept: list[int] = []
    for stretch in np.array_split(np.arange(x.size), MOST_POINTS // 2):
        kept += sorted({int(stretch[y[stretch].argmin()]), int(stretch[y[stretch].argmax()])})
    return x[kept], y[kept]


def figures(drawn: Sequence[str]) -> str:
    """Return charts side by side."""
    return f'<div class="charts">{"".join(drawn)}</div>' if drawn else ""
