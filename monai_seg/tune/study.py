"""The trials of a bundle, in a file that several processes share and that outlives them."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import optuna
import psutil
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, TrialState

from monai_seg.durable import make_folder
from monai_seg.errors import InputError
from monai_seg.tune.space import Space, label_of
from monai_seg.tune.training import LOCK_NAME, STOP_NAME

STORAGE_NAME = "trials.log"
UNPRUNED, WARM_UP_TENTHS = 4, 2  # trials that are trained to their end first, and the part of each that never is cut
ORPHAN_S = 120.0
ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


def open_study(folder: Path, terms: dict[str, Any], is_minimum: bool) -> optuna.Study:
    """Return the study in ``folder``, made if it is not there.

    Args:
        folder: of the study.
        terms: what all of its trials have in common (space, score, words): another study needs another folder.
        is_minimum: whether the score is the better the smaller.

    Raises:
        InputError: the study there was begun on other terms, or its file cannot be read.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path = make_folder(folder) / STORAGE_NAME
    try:
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(path))), study_name="tune", load_if_exists=True,
            direction="minimize" if is_minimum else "maximize",
            sampler=optuna.samplers.TPESampler(constant_liar=True),  # not where others' trials run
            pruner=optuna.pruners.MedianPruner(n_startup_trials=UNPRUNED, n_warmup_steps=WARM_UP_TENTHS),
        )
    except (OSError, ValueError, KeyError) as error:
        raise InputError(path, f"cannot be read ({error})",
                         "move it away, or name another folder with --out") from error
    for name, value in terms.items():
        before = study.user_attrs.get(name)
        if before is None:
            study.set_user_attr(name, json.dumps(value))
        elif json.loads(before) != value:
            raise InputError(folder, f"its trials were begun with another {name}: {before}",
                             "go on with that one, or name another folder with --out")
    return study


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the space in Optuna's terms."""
    found: dict[str, BaseDistribution] = {}
    for id, values in space.items():
        if "choices" in values:
            found[id] = CategoricalDistribution([label_of(value) for value in values["choices"]])
            continue
        low, high, log = values["low"], values["high"], bool(values.get("log"))
        if isinstance(low, int) and isinstance(high, int):
            found[id] = IntDistribution(low, high, log=log, step=values.get("step") or 1)
        else:
            found[id] = FloatDistribution(low, high, log=log, step=values.get("step"))
    return found


def ended(study: optuna.Study) -> list[FrozenTrial]:
    """Return the trials that were trained to their end or pruned."""
    return study.get_trials(deepcopy=False, states=ENDED)


def next_trial(study: optuna.Study, space: Space, most: int) -> optuna.Trial | None:
    """Return a trial to train, first one that a process left when it was killed; None where there are enough."""
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    left = next((trial for trial in running if _is_left(trial)), None)
    if left is not None:
        return _taken_over(study, space, left) or next_trial(study, space, most)
    waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
    if len(running) + len(ended(study)) >= most and not waiting:
        return None
    return _owned(study.ask(distributions(space)))


def folder_of(trial: optuna.Trial | FrozenTrial) -> str:
    """Return the name of the trial's folder: that of the one it goes on with."""
    return str(trial.user_attrs.get("folder") or f"trial_{trial.number:04d}")


def stop_orphan(folder: Path) -> None:
    """Stop a training that still runs in ``folder`` though whoever began it was killed.

    Raises:
        InputError: it runs on.
    """
    end = time.monotonic() + ORPHAN_S
    while _lives(_lock_owner(folder)):
        (folder / STOP_NAME).touch()
        if time.monotonic() > end:
            raise InputError(folder, "its training goes on without us", "stop that process, then run again")
        time.sleep(0.5)


def _lock_owner(folder: Path) -> Any:
    try:
        return json.loads((folder / LOCK_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _taken_over(study: optuna.Study, space: Space, left: FrozenTrial) -> optuna.Trial | None:
    """Return a trial with the same values and folder; None where another process was quicker."""
    try:
        study.tell(left.number, state=TrialState.FAIL)
    except ValueError:
        return None
    study.enqueue_trial(left.params, user_attrs={"folder": folder_of(left)})
    return _owned(study.ask(distributions(space)))


def _owned(trial: optuna.Trial) -> optuna.Trial:
    trial.set_user_attr("owner", {"pid": os.getpid(), "host": socket.gethostname(),
                                  "started": psutil.Process().create_time()})
    return trial


def _is_left(trial: FrozenTrial) -> bool:
    """Whether the process of a running trial is gone; of another machine's there is no way to know, so it is not."""
    owner = trial.user_attrs.get("owner")
    return owner is not None and not _lives(owner)


def _lives(owner: Any) -> bool:
    if not isinstance(owner, dict):
        return False
    if owner.get("host") != socket.gethostname():
        return True
    try:
        return abs(psutil.Process(owner["pid"]).create_time() - owner["started"]) < 1
    except (psutil.Error, KeyError, TypeError):
        return False
