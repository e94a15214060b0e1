"""The charts of a training: scores, losses, learning rate, throughput, and the search for the operating point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.figures.columns import Columns
from monai_seg.report.chart import Chart
from monai_seg.report.scale import Scale, scale_of

RUN_COLUMNS = ("epoch", "iteration", "seconds", "train_loss", "learning_rate", "images_per_second")
MOST_LINES = 6
AXIS_NAMES = {
    "class_gate": "class_gate: how probable the classes with a lesion",
    "decide_threshold": "decide_threshold: how sure, to call it a lesion",
    "min_area_share": "min_area_share: smallest share of the image",
    "threshold": "threshold: how sure, to draw a pixel",
}


def training_charts(epochs: Columns, losses: Columns | None) -> list[str]:
    """Return the charts of metrics.csv and losses.csv as HTML; no epoch, no chart."""
    if not epochs.get("epoch", np.empty(0)).size:
        return []
    charts = [_scores(epochs), _losses(epochs, losses)]
    if "learning_rate" in epochs:
        charts.append(_single(epochs, "learning_rate", "Learning rate", "learning rate"))
    if "images_per_second" in epochs:
        charts.append(_single(epochs, "images_per_second", "Throughput", "images per second", from_zero=True))
    return [chart for chart in charts if chart]


def search_charts(search: Columns, point: dict[str, Any] | None) -> list[str]:
    """Return a chart for each parameter of operating_point.csv: the best score that each of its values can reach."""
    scores = [name for name in search if name.startswith("dice")]
    parameters = [name for name in search if name not in scores]
    chosen = point or {}
    score = str(chosen.get("searched", {}).get("score", "dice"))
    charts = []
    for parameter in parameters:
        values = np.unique(search[parameter])
        if values.size < 2 or score not in scores:
            continue
        best = {name: np.array([_highest(search[name][search[parameter] == value]) for value in values])
                for name in scores}
        chart = Chart(f"Operating point: {parameter}", AXIS_NAMES.get(parameter, parameter), "validation score",
                      scale_of([values]), _not_too_fine(scale_of(best.values())))
        for name in [score, *(name for name in scores if name != score)]:
            chart.line(values, best[name], name)
        text = "The highest score that each value reaches with the best values of the others."
        if parameter in chosen and chosen.get("score") is not None:
            chart.mark(chosen[parameter], chosen["score"], f"chosen {chosen[parameter]:g}")
            text += f" Chosen on {chosen.get('split', 'validation')}: {chosen[parameter]:g}."
        charts.append(chart.figure(text))
    return charts


def _scores(epochs: Columns) -> str:
    names = [name for name in epochs if name not in RUN_COLUMNS and "loss" not in name]
    names = sorted(names, key=lambda name: ("dice" not in name, not name.startswith("val_")))[:MOST_LINES]
    names = [name for name in names if np.isfinite(epochs[name]).any()]
    if not names:
        return ""
    chart = Chart("Scores", "epoch", "score", scale_of([epochs["epoch"]], whole=True),
                  scale_of([epochs[name] for name in names]))
    for name in names:
        chart.line(epochs["epoch"], epochs[name], name)
    best = int(np.nanargmax(epochs[names[0]]))
    epoch, score = epochs["epoch"][best], epochs[names[0]][best]
    chart.mark(epoch, score, f"best {names[0]}")
    return chart.figure(f"Highest {names[0]} {score:.3f} in epoch {epoch:.0f} of {epochs['epoch'][-1]:.0f}.")


def _losses(epochs: Columns, losses: Columns | None) -> str:
    names = [name for name in epochs if "loss" in name]
    names = [name for name in names if np.isfinite(epochs[name]).any()]
    if not names:
        return ""
    seen = [robust(epochs[name]) for name in names]
    batches = losses if losses is not None and losses.get("loss", np.empty(0)).size and "epoch" in losses else None
    if batches is not None:
        seen.append(robust(batches["loss"]))
    last_epoch = float(np.nanmax(epochs["epoch"]))
    chart = Chart("Losses", "epoch", "loss", Scale(0, last_epoch * 1.03, whole=True), scale_of(seen))
    for name in names:
        chart.line(epochs["epoch"], epochs[name], name)
    if batches is not None:
        chart.line(_in_epochs(batches["epoch"]), batches["loss"], "each batch", faint=True)
    last = ", ".join(f"{name} {epochs[name][np.isfinite(epochs[name])][-1]:.3g}" for name in names)
    return chart.figure(f"At the end: {last}. The wildest hundredth of the batches lies on the frame.")


def _single(epochs: Columns, name: str, title: str, label: str, *, from_zero: bool = False) -> str:
    values = epochs[name]
    known = values[np.isfinite(values)]
    if not known.size:
        return ""
    y = Scale(0, max(float(known.max()) * 1.08, 1e-9)) if from_zero or known.min() >= 0 else scale_of([known])
    chart = Chart(title, "epoch", label, scale_of([epochs["epoch"]], whole=True), y)
    chart.line(epochs["epoch"], values, name)
    return chart.figure(f"From {known[0]:.3g} to {known[-1]:.3g}, median {np.median(known):.3g}.")


def robust(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the 1st and the 99th percentile of what is known."""
    known = values[np.isfinite(values)]
    return np.percentile(known, (1, 99)) if known.size else known


def _not_too_fine(scale: Scale) -> Scale:
    """Return a scale of 0.04 at least: on a finer one, noise looks like a finding."""
    room = max(0.0, 0.04 - (scale.high - scale.low)) / 2
    return Scale(scale.low - room, scale.high + room)


def _highest(values: Sequence[float] | NDArray[np.float64]) -> float:
    known = np.asarray(values)[np.isfinite(values)]
    return float(known.max()) if known.size else float("nan")


def _in_epochs(epoch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where each batch ends on the axis of epochs; as `figures.curves` has it."""
    _, first, count = np.unique(epoch, return_index=True, return_counts=True)
    so_far = np.arange(epoch.size) - np.repeat(first, count) + 1
    length = count.copy()
    length[-1:] = count.max(initial=1)
    return epoch - 1 + so_far / np.repeat(length, count)
