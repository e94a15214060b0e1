"""Learning curves of a run, drawn from its CSV files: validation scores, losses, learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from monai_seg.durable import write_durably
from monai_seg.errors import InputError
from monai_seg.figures.columns import Columns, read_columns
from monai_seg.figures.palette import Colour

# metrics.csv starts with these; every further column is a validation metric
RUN_COLUMNS = ("epoch", "iteration", "seconds", "train_loss", "learning_rate", "images_per_second")
LINES: tuple[Colour, ...] = (  # Okabe-Ito, without its yellow, which is too pale for lines on white
    (0, 114, 178), (213, 94, 0), (0, 158, 115), (204, 121, 167), (230, 159, 0), (86, 180, 233), (0, 0, 0),
)  # fmt: skip
PALE = (0.62, 0.72, 0.82)


def draw_curves(
    metrics_csv: str | Path,
    losses_csv: str | Path | None,
    path: str | Path,
    *,
    scores: Sequence[str] | None = None,
    key_metric: str | None = None,
    title: str = "",
) -> None:
    """Write the learning curves of a run as the PNG ``path``, whole or not at all.

    Args:
        metrics_csv: a row per epoch, with the columns of `RUN_COLUMNS` and one per validation metric.
        losses_csv: a row per batch with columns iteration, epoch, loss; None or a missing file leaves those dots out.
        path: the picture.
        scores: columns for the upper panel; by default those with "dice" in their name and those of training with
            their fellows of validation (train_accuracy, val_accuracy), or where there is none, those between 0 and 1.
            Columns with "loss" in their name are drawn beside the training loss.
        key_metric: the score whose highest value is marked, by default the first of ``scores``.
        title: line above the panels.

    Raises:
        InputError: a file cannot be used, holds no epoch yet or lacks a named column.
    """
    epochs = read_columns(metrics_csv)
    if not epochs.get("epoch", np.empty(0)).size:
        raise InputError(metrics_csv, "holds no epoch", "draw the curves after the first epoch")
    names = _score_names(epochs, scores)
    for name in [*names, *([key_metric] if key_metric else [])]:
        if name not in epochs:
            raise InputError(metrics_csv, f"has no column {name!r}", f"choose from {', '.join(epochs)}")
    figure = Figure(figsize=(9, 8), layout="constrained")  # no pyplot: its global state belongs to the caller
    upper, middle, lower = figure.subplots(3, 1, sharex=True, height_ratios=(4, 3, 1.2))
    _draw_scores(upper, epochs, names, key_metric or (names[0] if names else None))
    _draw_losses(middle, epochs, _read_losses(losses_csv))
    _draw_learning_rate(lower, epochs)
    for axes in (upper, middle, lower):
        axes.grid(color="0.9", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    lower.set_xlabel("epoch")
    lower.xaxis.get_major_locator().set_params(integer=True)
    lower.set_xlim(0, float(np.nanmax(epochs["epoch"])) * 1.02)
    figure.align_ylabels()
    figure.suptitle(title, fontweight="bold")
    write_durably(path, lambda file: figure.savefig(file, format="png", dpi=120))


def _score_names(epochs: Columns, scores: Sequence[str] | None) -> list[str]:
    if scores is not None:
        return list(scores)
    metrics = [name for name in epochs if name not in RUN_COLUMNS and "loss" not in name]
    of_training = {name.removeprefix("train_") for name in metrics if name.startswith("train_")}
    chosen = [name for name in metrics if "dice" in name or name.partition("_")[2] in of_training]
    chosen.sort(key=lambda name: "dice" not in name)
    return chosen or [name for name in metrics if _lies_between_0_and_1(epochs[name])]


def _lies_between_0_and_1(values: NDArray[np.float64]) -> bool:
    known = values[np.isfinite(values)]
    return bool(known.size and known.min() >= 0 and known.max() <= 1)


def _read_losses(losses_csv: str | Path | None) -> Columns | None:
    return read_columns(losses_csv) if losses_csv is not None and Path(losses_csv).exists() else None


def _draw_scores(axes: Axes, epochs: Columns, names: Sequence[str], key_metric: str | None) -> None:
    for index, name in enumerate(names):
        _draw_line(axes, epochs["epoch"], epochs[name], name, LINES[index % len(LINES)])
    axes.set_ylabel("validation")
    if not names or not any(np.isfinite(epochs[name]).any() for name in names):
        axes.text(0.5, 0.5, "no validation score yet", transform=axes.transAxes, ha="center", color="0.5")
        return
    if key_metric is not None and np.isfinite(epochs[key_metric]).any():
        best = int(np.nanargmax(epochs[key_metric]))
        epoch, score = epochs["epoch"][best], epochs[key_metric][best]
        axes.axvline(epoch, color="0.6", linestyle=":", linewidth=1.2)
        axes.plot(epoch, score, marker="*", markersize=15, color="black", linestyle="none",
                  label=f"best {key_metric} {score:.3f}, epoch {epoch:.0f}")  # fmt: skip
    _draw_legend(axes)


def _draw_losses(axes: Axes, epochs: Columns, batches: Columns | None) -> None:
    seen = [epochs["train_loss"]]
    if batches is not None and batches["loss"].size:
        axes.plot(position_in_epochs(batches["epoch"]), batches["loss"], color=PALE, linewidth=0.6,
                  label="training, each batch")  # fmt: skip
        seen.append(batches["loss"])
    _draw_line(axes, epochs["epoch"], epochs["train_loss"], "training, epoch mean", LINES[0])
    for index, name in enumerate(name for name in epochs if "loss" in name and name not in RUN_COLUMNS):
        _draw_line(axes, epochs["epoch"], epochs[name], name, LINES[(index + 1) % len(LINES)])
        seen.append(epochs[name])
    axes.set_ylabel("loss")
    axes.set_ylim(*_robust_limits(seen))
    _draw_legend(axes)


def _draw_learning_rate(axes: Axes, epochs: Columns) -> None:
    _draw_line(axes, epochs["epoch"], epochs["learning_rate"], "learning rate", "0.35")
    axes.set_ylabel("learning rate")
    axes.ticklabel_format(axis="y", style="sci", scilimits=(-2, 2))


def _draw_legend(axes: Axes) -> None:
    """Put the legend above the panel: inside, it would lie on the curves sooner or later."""
    axes.legend(frameon=False, fontsize="small", ncols=4, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)


def _draw_line(
    axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], label: str, colour: Colour | str
) -> None:
    """Draw ``y`` where it is known; epochs without validation are bridged."""
    known = np.isfinite(y)
    rgb = colour if isinstance(colour, str) else tuple(part / 255 for part in colour)
    marker = "o" if known.sum() <= 60 else None  # dots that touch each other hide the line
    axes.plot(x[known], y[known], marker=marker, markersize=3.5, color=rgb, linewidth=1.6, label=label)


def position_in_epochs(epoch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where each batch ends on the axis of epochs, from the epoch it belongs to.

    The k-th of n batches of epoch e ends at e - 1 + k / n. A last epoch that is not over yet takes n from the longest.
    """
    _, first, count = np.unique(epoch, return_index=True, return_counts=True)
    count_so_far = np.arange(epoch.size) - np.repeat(first, count) + 1
    length = count.copy()
    length[-1:] = count.max(initial=1)
    return epoch - 1 + count_so_far / np.repeat(length, count)


def _robust_limits(series: Sequence[NDArray[np.float64]]) -> tuple[float, float]:
    """Return limits that hold all but the wildest batches: the 1st to the 99th percentile and a margin."""
    known = [values[np.isfinite(values)] for values in series]
    known = [values for values in known if values.size]
    if not known:
        return 0.0, 1.0
    low = min(float(np.percentile(values, 1)) for values in known)
    high = max(float(np.percentile(values, 99)) for values in known)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 0.1
    return low - margin, high + margin
