"""Search settings: trials one after another until there are enough, or the time is over."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from monai_seg.errors import InputError
from monai_seg.tune.results import write_results
from monai_seg.tune.space import Space, chosen, read_space, short_label, space_of
from monai_seg.tune.study import ended, folder_of, next_trial, open_study, stop_orphan
from monai_seg.tune.training import TrialRun, time_overlay

TRAINING_SHARE = 0.8  # of a trial's time; the rest is for starting, reading the data and writing
FAILURES = 3  # in a row, after which it is not the values that are wrong
Say = Callable[[str], object]


@dataclass(frozen=True)
class Search:
    """What is asked for.

    Args:
        bundle: folder with train.json.
        trials: how many in all, whoever makes them.
        minutes: that this process takes at most.
        space: file of the search space; the one for the bundle in bundles/tune if None.
        out: folder of the study.
        score: column of metrics.csv; the smaller the better where its name ends in loss.
        words: more of each training's command line, such as ``--dataset_dir data/mine``.
    """

    bundle: Path
    trials: int
    minutes: float
    out: Path
    space: Path | None = None
    score: str = "val_dice"
    words: Sequence[str] = ()

    @property
    def is_minimum(self) -> bool:
        return self.score.endswith("loss")


def tune(search: Search, say: Say = print) -> list[dict[str, Any]]:
    """Make the trials that are missing and return the table of all; see `write_results` for the files.

    Each trial of a study takes equal time and ends annealed, so that scores can be compared, and is pruned where its
    best score after a tenth of it is below the median of the others after the same. Trials that were begun by a process
    that is gone are gone on with, from their last checkpoint.

    Raises:
        InputError: no such bundle, a wrong number or space, a study begun on other terms, or trainings that fail
            whatever the values.
    """
    config_file = search.bundle / "train.json"
    _check(search, config_file)
    space = read_space(search.space or space_of(search.bundle), config_file)
    overridden = [id for id in space if f"--{id}" in {word.split("=", 1)[0] for word in search.words}]
    if overridden:
        raise InputError(f"--{overridden[0]}", "is searched and given at once", "leave it out here or in the space")
    terms = {"bundle": search.bundle.name, "space": space, "score": search.score, "settings": list(search.words)}
    study = open_study(search.out, terms, search.is_minimum)
    minutes = study.user_attrs.get("minutes_a_trial")
    if minutes is None:
        minutes = TRAINING_SHARE * search.minutes / search.trials
        study.set_user_attr("minutes_a_trial", minutes)
    say(f"{search.out}: {len(ended(study))} of {search.trials} trials are there; each trains {60 * minutes:.0f} s")
    timed = time_overlay(json.loads(config_file.read_text(encoding="utf-8")), minutes)
    _make_trials(search, study, space, timed, minutes, say)
    return write_results(study, space, search.out, search.is_minimum)


def _check(search: Search, config_file: Path) -> None:
    if not config_file.is_file():
        raise InputError(config_file, "no such bundle", "name the folder of one, such as bundles/siim")
    if search.trials < 1:
        raise InputError("--trials", f"must be a whole number from 1 up, got {search.trials}", "give --trials 20, say")
    if not 0 < search.minutes < float("inf"):
        raise InputError("--minutes", f"must be a number above 0, got {search.minutes:g}", "give --minutes 60, say")


def _make_trials(
    search: Search, study: optuna.Study, space: Space, timed: dict[str, Any], minutes: float, say: Say
) -> None:
    end, longest, failures = time.monotonic() + 60 * search.minutes, 60 * minutes, 0
    while (begin := time.monotonic()) + longest <= end:  # starting, reading and writing take time besides
        trial = next_trial(study, space, search.trials)
        if trial is None:
            return
        run = TrialRun(search.bundle, search.out / folder_of(trial), chosen(space, trial.params), timed, minutes,
                       search.words)
        failure = _train(study, trial, run, search, say)
        longest = max(longest, time.monotonic() - begin)
        failures = failures + 1 if failure else 0
        if failures == FAILURES:
            raise InputError(run.folder, f"{FAILURES} trainings in a row failed, the last with: {failure}",
                             "mend what that line says; trials that are there stay")
    say(f"the {search.minutes:g} minutes are over; the same command goes on where it is")


def _train(study: optuna.Study, trial: optuna.Trial, run: TrialRun, search: Search, say: Say) -> str | None:
    """Train one trial and tell the study; return what was wrong where the training failed."""
    stop_orphan(run.folder)
    values = ", ".join(f"{id} {short_label(value)}" for id, value in trial.params.items())
    say(f"trial {trial.number}: {values}")
    try:
        run.start()
        for tenth, best in run.watch(search.score, search.is_minimum):
            trial.report(best, tenth)
            if run.is_running and trial.should_prune():
                run.stop()
                study.tell(trial, state=TrialState.PRUNED)
                say(f"trial {trial.number}: pruned after {tenth}0 % of its time at {search.score} {best:.4f}")
                return None
    finally:
        run.end()
    best_score = run.best(search.score, search.is_minimum)
    if run.code != 0 or best_score is None:
        study.tell(trial, state=TrialState.FAIL)
        say(f"trial {trial.number}: failed with exit code {run.code}; {run.last_line()}")
        return run.last_line() or f"exit code {run.code}"
    study.tell(trial, best_score)
    say(f"trial {trial.number}: {search.score} {best_score:.4f}")
    return None
