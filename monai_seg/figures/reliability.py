"""A reliability diagram as a picture: how often it is so, against how sure it was, and how many there are of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from monai_seg.durable import write_durably
from monai_seg.figures.curves import LINES, PALE


def draw_reliability(
    sure: ArrayLike,
    share: ArrayLike,
    count: ArrayLike,
    path: str | Path,
    *,
    labels: tuple[str, str, str],
    title: str = "",
) -> None:
    """Write the diagram as the PNG ``path``, whole or not at all.

    Args:
        sure: mean probability of each bin, NaN where it is empty.
        share: in how many of them it was so.
        count: how many lie in each bin; on a logarithmic axis where some hold a hundred times others.
        path: the picture.
        labels: of the three.
        title: line above it.

    Raises:
        ValueError: the three differ in length.
        InputError: ``path`` cannot be written.
    """
    x, y, n = (np.asarray(values, np.float64) for values in (sure, share, count))
    if not x.shape == y.shape == n.shape or x.ndim != 1:
        raise ValueError(f"sure, share and count must be of one length, got {x.shape}, {y.shape} and {n.shape}")
    edges = np.linspace(0, 1, x.size + 1)
    middles, width = (edges[1:] + edges[:-1]) / 2, 1 / x.size
    figure = Figure(figsize=(5, 6), layout="constrained")  # no pyplot: its global state is the caller's
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    blue, red = (tuple(part / 255 for part in LINES[number]) for number in (0, 1))
    there = n > 0
    upper.bar(middles[there], y[there], width=0.94 * width, color=PALE)
    upper.plot([0, 1], [0, 1], color="0.4", linestyle="--", linewidth=1)
    upper.vlines(x[there], np.minimum(x, y)[there], np.maximum(x, y)[there], color=red, linewidth=2.4)
    upper.plot(x[there], y[there], marker="o", markersize=5, linestyle="none", color=blue)
    upper.set(ylabel=labels[1], xlim=(0, 1), ylim=(0, 1.02), title=title)
    lower.bar(middles[there], n[there], width=0.94 * width, color=blue)
    if there.any() and n.max() > 100 * n[there].min():
        lower.set_yscale("log")
        lower.set_ylim(bottom=0.7)
    lower.set(xlabel=labels[0], ylabel=labels[2])
    for axes in (upper, lower):
        axes.grid(color="0.9", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    write_durably(path, lambda file: figure.savefig(file, format="png", dpi=110))
