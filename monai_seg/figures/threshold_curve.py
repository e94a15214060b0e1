"""Score against threshold, and precision against recall, as one picture."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from monai_seg.figures.curves import LINES

Values = NDArray[np.float64]


def threshold_picture(threshold: Values, curves: Mapping[str, tuple[Values, Values, Values]]) -> NDArray[np.uint8]:
    """Return the picture (H, W, 3): left the Dice at each threshold, its highest marked; right precision and recall.

    Args:
        threshold: (T,), ascending.
        curves: Dice, precision and recall, (T,) each, by name of the class.
    """
    figure = Figure(figsize=(8, 3.6), dpi=90)  # no pyplot: its global state is the caller's
    left, right = figure.subplots(1, 2)
    for index, (name, (dice, precision, recall)) in enumerate(curves.items()):
        colour = tuple(part / 255 for part in LINES[index % len(LINES)])
        left.plot(threshold, dice, color=colour, linewidth=1.6, label=name)
        if np.isfinite(dice).any():
            best = int(np.nanargmax(dice))
            left.plot(threshold[best], dice[best], marker="*", markersize=12, color=colour)
        right.plot(recall, precision, color=colour, linewidth=1.6)
    left.set(xlabel="threshold", ylabel="Dice of all pixels", xlim=(0, 1), ylim=(0, 1.02))
    right.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    for axes in (left, right):
        axes.grid(color="0.9", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(frameon=False, fontsize="small")
    figure.subplots_adjust(left=0.08, right=0.98, top=0.95, bottom=0.15, wspace=0.25)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.array(canvas.buffer_rgba(), dtype=np.uint8)[..., :3]
