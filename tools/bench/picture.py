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
    figure, axes = pyplot.subplots(figsize=(9, 1 + 0.3 * len(bars)), layout="constrained")
    places = range(len(bars))
    colours = ["tab:orange" if target and not reaches(value, target) else "tab:blue" for _, value, target in bars]
    axes.barh(places, [value - 1 for _, value, _ in bars], left=1, color=colours)
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(places, [f"{value:.2f}" + (f", wanted {target}" if target else "") for _, value, target in bars],
                      fontsize=8)
    beside.tick_params(length=0)
    axes.set_yticks(places, [label for label, _, _ in bars], fontsize=8)
    axes.tick_params(axis="y", length=0)
    axes.set(xscale="log", xlabel="ratio of the two contenders, median of rounds; orange falls short of what is wanted")
    shown = [each for each in (0.25, 0.5, 1, 2, 4, 8) if not bars or each / 2 < max(value for _, value, _ in bars)]
    axes.set_xticks(shown, [f"{each:g}" for each in shown])
    axes.minorticks_off()
    axes.axvline(1, color="black", linewidth=1)
    axes.invert_yaxis()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def reaches(value: float, target: str) -> bool:
    """Return whether ``value`` is what ``target``, such as ">= 2.5" or "<= 0.33", wants."""
    relation, bound = target.split()
    return value >= float(bound) if relation == ">=" else value <= float(bound)
