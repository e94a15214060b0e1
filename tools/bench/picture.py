"""The ratios of the benchmark as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(rows: dict[str, Any], path: Path) -> None:
    """Draw a bar for each ratio of ``rows`` on a logarithmic scale; 1 is a tie."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    bars = [(f"{name}: {ratio}", value["median"], value["target"])
            for name, row in rows.items() for ratio, value in row["ratios"].items() if value["median"] > 0]
    figure, axes = pyplot.subplots(figsize=(8, 1 + 0.35 * len(bars)), layout="constrained")
    for place, (label, value, target) in enumerate(bars):
        axes.barh(place, value - 1, left=1, color="tab:blue")
        axes.text(value, place, f" {value:.2f}" + (f" (wanted {target})" if target else ""), va="center", fontsize=8)
        axes.text(0.02, place, label, va="center", fontsize=8, transform=axes.get_yaxis_transform())
    axes.set(xscale="log", yticks=[], xlabel="ratio of the two contenders, median of rounds")
    axes.axvline(1, color="black", linewidth=1)
    axes.invert_yaxis()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
