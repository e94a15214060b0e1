"""Plots of a data set as PNG: areas of the masks, classes, sizes of the images."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from monai_seg.check.check_data import Report

BLUE, ORANGE = "#0072b2", "#d55e00"  # Okabe-Ito
SMALLEST_AREA = 1e-5


def draw_plots(report: Report) -> Iterator[tuple[str, bytes]]:
    """Yield (what it shows, PNG) of each plot that the data allow."""
    summary = report.summary
    if (summary.areas > 0).any():
        figure, axes = _figure()
        _areas(axes, summary.areas)
        yield _areas_in_words(summary.areas), _png(figure)
    if summary.class_pixels:
        figure, axes = _figure()
        _classes(axes, summary.class_pixels)
        yield "Share of all pixels per class, logarithmic scale", _png(figure)
    sizes = [fact.image.size for fact in report.facts if fact.image is not None]
    if len(set(sizes)) > 1:
        figure, axes = _figure()
        _sizes(axes, sizes)
        yield f"Sizes of the images: {len(set(sizes))} different ones", _png(figure)


def _areas(axes: Axes, areas: np.ndarray) -> None:
    shown = areas[areas > 0]
    axes.hist(np.clip(shown, SMALLEST_AREA, 1), bins=np.geomspace(SMALLEST_AREA, 1, 41).tolist(), color=BLUE)
    axes.set_xscale("log")
    axes.set_xlabel("share of the image that is not background")
    axes.set_ylabel("masks")
    axes.set_title(f"{shown.size:,} masks with foreground, {areas.size - shown.size:,} empty", fontsize=11)


def _areas_in_words(areas: np.ndarray) -> str:
    return f"Foreground of the masks: median {np.median(areas[areas > 0]):.2%} of the image where there is any"


def _classes(axes: Axes, shares: Sequence[float]) -> None:
    axes.barh([f"class {number}" for number in range(len(shares))], shares, color=[BLUE] + [ORANGE] * (len(shares) - 1))
    axes.set_xscale("log")
    axes.set_xlim(min([share for share in shares if share] + [0.1]) / 3, 3)
    axes.invert_yaxis()
    for place, share in enumerate(shares):
        axes.text(max(share, axes.get_xlim()[0]) * 1.08, place, f"{share:.2%}", va="center", fontsize=9)
    axes.set_title("share of all pixels", fontsize=11)


def _sizes(axes: Axes, sizes: Sequence[tuple[int, int]]) -> None:
    found, counts = np.unique(np.array(sizes), axis=0, return_counts=True)
    axes.scatter(found[:, 1], found[:, 0], s=20 + 300 * counts / counts.max(), color=BLUE, alpha=0.6)
    axes.set_xlabel("width in px")
    axes.set_ylabel("height in px")
    axes.set_title("image sizes (larger dots are more images)", fontsize=11)


def _figure() -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5.2, 3.2), layout="constrained")  # no pyplot: its global state belongs to the caller
    axes = figure.subplots()
    axes.grid(color="0.9", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    return buffer.getvalue()
