"""What the trials found: a table, a picture of what mattered, and an overlay with the best values."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from monai_seg.durable import write_text_durably
from monai_seg.tune.space import Space, chosen
from monai_seg.tune.study import folder_of

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#999999"  # Okabe-Ito
TABLE_NAME, PICTURE_NAME, BEST_NAME = "trials.csv", "importances.png", "best.json"
FEWEST = 4  # finished trials from which importances are told
PANELS_A_ROW = 3


def table(trials: Sequence[FrozenTrial], is_minimum: bool) -> list[dict[str, Any]]:
    """Return a row for each trial, the best first; a pruned one has the best score that it reached."""
    rows = []
    for trial in trials:
        score = trial.value if trial.value is not None else _reached(trial, is_minimum)
        seconds = (trial.datetime_complete - trial.datetime_start).total_seconds() \
            if trial.datetime_complete and trial.datetime_start else None
        rows.append({"trial": trial.number, "folder": folder_of(trial), "state": trial.state.name.lower(),
                     "score": score, "seconds": None if seconds is None else round(seconds), **trial.params})
    order = {TrialState.COMPLETE.name.lower(): 0, TrialState.PRUNED.name.lower(): 1}
    sign = 1 if is_minimum else -1
    return sorted(rows, key=lambda row: (order.get(row["state"], 2), row["score"] is None,
                                         sign * (row["score"] or 0.0), row["trial"]))


def write_results(study: optuna.Study, space: Space, folder: Path, is_minimum: bool) -> list[dict[str, Any]]:
    """Write the table, the overlay and the picture into ``folder``, as far as trials allow, and return the table."""
    rows = table(study.get_trials(deepcopy=False), is_minimum)
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text_durably(folder / TABLE_NAME, text.getvalue())
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if finished:
        best = chosen(space, study.best_trial.params)
        write_text_durably(folder / BEST_NAME, json.dumps(best, indent=2) + "\n")
        draw_importances(folder / PICTURE_NAME, finished, importances(study), space)
    return rows


def importances(study: optuna.Study) -> dict[str, float]:
    """Return the share of each id in what separates good trials from the rest; empty where trials are too few."""
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(finished) < FEWEST or len({trial.value for trial in finished}) < 2:
        return {}
    return get_param_importances(study, evaluator=PedAnovaImportanceEvaluator())


def draw_importances(path: Path, trials: Sequence[FrozenTrial], shares: Mapping[str, float], space: Space) -> None:
    """Draw a bar for each id, and the scores of ``trials`` over its values."""
    rows = -(-(len(space) + 1) // PANELS_A_ROW)
    figure = Figure(figsize=(4 * PANELS_A_ROW, 3 * rows), layout="constrained")
    panels = figure.subplots(rows, PANELS_A_ROW, squeeze=False).ravel().tolist()
    _bars(panels[0], shares, len(trials))
    for axes, (id, values) in zip(panels[1:], space.items(), strict=False):
        _scores(axes, id, values, trials)
    for axes in panels[len(space) + 1:]:
        axes.set_axis_off()
    figure.savefig(path, dpi=100)


def _bars(axes: Axes, shares: Mapping[str, float], count: int) -> None:
    axes.set_title(f"what mattered, of {count} trials", fontsize=10)
    if not shares:
        axes.text(0.5, 0.5, f"fewer than {FEWEST} trials\ndiffer in score", ha="center", va="center", color=GREY)
        axes.set_axis_off()
        return
    names = list(shares)[::-1]
    axes.barh(names, [shares[name] for name in names], color=BLUE)
    axes.set_xlabel("share of importance")


def _scores(axes: Axes, id: str, values: Mapping[str, Any], trials: Sequence[FrozenTrial]) -> None:
    shown = [trial for trial in trials if id in trial.params]
    labels = [trial.params[id] for trial in shown]
    scores = [trial.value for trial in shown if trial.value is not None]  # all are finished
    if "choices" in values:
        names = list(dict.fromkeys(map(str, labels)))
        axes.scatter([names.index(str(label)) for label in labels], scores, color=ORANGE)
        axes.set_xticks(range(len(names)), [_short(name) for name in names], fontsize=7)
        axes.set_xlim(-0.5, len(names) - 0.5)
    else:
        axes.scatter(labels, scores, color=ORANGE)
        if values.get("log"):
            axes.set_xscale("log")
    axes.set_title(id, fontsize=10)
    axes.set_ylabel("score")


def _short(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(".json")[-24:]


def _reached(trial: FrozenTrial, is_minimum: bool) -> float | None:
    values = list(trial.intermediate_values.values())
    return (min if is_minimum else max)(values) if values else None
