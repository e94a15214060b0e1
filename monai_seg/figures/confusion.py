"""A confusion matrix as a picture: counts, and shares of each true class as shades."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from monai_seg.durable import write_durably


def draw_confusion(matrix: ArrayLike, names: Sequence[str], path: str | Path, *, title: str = "") -> None:
    """Write the confusion matrix as the PNG ``path``, whole or not at all.

    Args:
        matrix: (K, K) counts, rows are the truth.
        names: of the K classes.
        path: the picture.
        title: line above it.

    Raises:
        ValueError: the matrix is not square, or another number of names than of rows.
        InputError: ``path`` cannot be written.
    """
    counts = np.asarray(matrix)
    if counts.shape != (len(names), len(names)):
        raise ValueError(f"matrix must be (K, K) for {len(names)} names, got {counts.shape}")
    total = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0)
    side = max(4.0, 1.2 + 0.9 * len(names))
    figure = Figure(figsize=(side + 1, side), layout="constrained")  # no pyplot: its global state is the caller's
    axes = figure.subplots()
    shown = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(names))
    axes.set_xticks(places, names, rotation=30 if max(map(len, names)) > 6 else 0, ha="center")
    axes.set_yticks(places, names)
    axes.set(xlabel="prediction", ylabel="truth", title=title)
    for i in places:
        for j in places:
            axes.text(j, i, f"{shares[i, j]:.1%}\n{counts[i, j]:,}", ha="center", va="center", fontsize="small",
                      color="white" if shares[i, j] > 0.5 else "black")  # fmt: skip
    figure.colorbar(shown, label="share of the true class")
    write_durably(path, lambda file: figure.savefig(file, format="png", dpi=110))
