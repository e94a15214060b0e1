"""What the trials found: a table, a picture of what mattered, and an overlay with the best values."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import optuna
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from monai_seg.durable import write_text_durably
from monai_seg.tune.space import Space, chosen, label_of, short_label
from monai_seg.tune.study import folder_of

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#999999"  # Okabe-Ito
TABLE_NAME, PICTURE_NAME, BEST_NAME = "trials.csv", "importances.png", "best.json"
FEWEST = 4  # finished trials from which importances are told
PANELS_A_ROW = 3
GOLDEN = 0.618  # multiples of it fall evenly between whole numbers


def table(trials: Sequence[FrozenTrial], is_minimum: bool) -> list[dict[str, Any]]:
    """Return a row for each trial, the best first; a pruned one has the best score that it reached."""
    rows = []
    for trial in trials:
        score = _score(trial, is_minimum)
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
    ended = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED))
    if any(trial.state == TrialState.COMPLETE for trial in ended):
        best = chosen(space, study.best_trial.params)
        write_text_durably(folder / BEST_NAME, json.dumps(best, indent=2) + "\n")
        name = json.loads(study.user_attrs.get("score", '"score"'))
        draw_importances(folder / PICTURE_NAME, ended, importances(study), space, name, is_minimum)
    return rows


def importances(study: optuna.Study) -> dict[str, float]:
    """Return the share of each id in what makes scores differ; empty where trials are too few.

    By fANOVA where scikit-learn is installed: a search tries good values more often, which misleads PED-ANOVA.
    """
    finished = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if len(finished) < FEWEST or len({trial.value for trial in finished}) < 2:
        return {}
    evaluator = FanovaImportanceEvaluator(seed=0) if _method() == "fANOVA" else PedAnovaImportanceEvaluator()
    return get_param_importances(study, evaluator=evaluator)


def draw_importances(
    path: Path, trials: Sequence[FrozenTrial], shares: Mapping[str, float], space: Space, score: str, is_minimum: bool
) -> None:
    """Draw a bar for each id, and the scores of ``trials`` over its values; pruned ones with what they reached."""
    rows = -(-(len(space) + 1) // PANELS_A_ROW)
    figure = Figure(figsize=(4 * PANELS_A_ROW, 3 * rows), layout="constrained")
    panels = figure.subplots(rows, PANELS_A_ROW, squeeze=False).ravel().tolist()
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    _bars(panels[0], shares, len(complete))
    groups = {"trained to the end": (complete, ORANGE, "o"),
              "pruned: what it had reached": ([one for one in trials if one not in complete], GREY, "x")}
    for axes, (id, values) in zip(panels[1:], space.items(), strict=False):
        for told, (some, colour, marker) in groups.items():
            shown = [(one.params[id], reached) for one in some
                     if id in one.params and (reached := _score(one, is_minimum)) is not None]
            if shown:
                axes.scatter(_places(values, [value for value, _ in shown]), [reached for _, reached in shown],
                             color=colour, marker=marker, alpha=0.7, label=told)
        _scale(axes, values)
        axes.set_title(id, fontsize=10)
        axes.set_ylabel(score)
    if len(trials) > len(complete):
        panels[1].legend(fontsize=7)
    for axes in panels[len(space) + 1:]:
        axes.set_axis_off()
    figure.savefig(path, dpi=100)


def _method() -> str:
    return "fANOVA" if find_spec("sklearn") else "PED-ANOVA"


def _bars(axes: Axes, shares: Mapping[str, float], count: int) -> None:
    axes.set_title(f"what mattered, of {count} trials", fontsize=10)
    if not shares:
        axes.text(0.5, 0.5, f"fewer than {FEWEST} trials\ndiffer in score", ha="center", va="center", color=GREY)
        axes.set_axis_off()
        return
    names = list(shares)[::-1]
    axes.barh(names, [shares[name] for name in names], color=BLUE)
    axes.set_xlabel(f"share of importance ({_method()})")


def _places(values: Mapping[str, Any], labels: Sequence[Any]) -> list[float]:
    """Return where ``labels`` stand: as they are, or of choices their number, a little apart from one another."""
    if "choices" not in values:
        return list(labels)
    names = [label_of(value) for value in values["choices"]]
    return [names.index(label) + 0.3 * (number * GOLDEN % 1 - 0.5) for number, label in enumerate(labels)]


def _scale(axes: Axes, values: Mapping[str, Any]) -> None:
    if "choices" in values:
        names = [short_label(label_of(value)) for value in values["choices"]]
        axes.set_xticks(range(len(names)), names, fontsize=8)
        axes.set_xlim(-0.5, len(names) - 0.5)
    elif values.get("log"):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 3)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())


def _score(trial: FrozenTrial, is_minimum: bool) -> float | None:
    return trial.value if trial.state == TrialState.COMPLETE else _reached(trial, is_minimum)


def _reached(trial: FrozenTrial, is_minimum: bool) -> float | None:
    values = list(trial.intermediate_values.values())
    return (min if is_minimum else max)(values) if values else None
