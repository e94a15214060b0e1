"""Trainings that are killed, stopped and spoilt: does nothing get lost, and do the weights stay the same?"""

from __future__ import annotations

import copy
import os
import pickle
import re
import shutil
import signal
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from disk_faults import Operations, die, planted, refuse
from ignite.engine import Events
from not_a_number import NAN_PLANTS
from same_state import equal
from tiny_trainer import TinyTrainer
from trainings import Ended, Running, make_data, train, write_config

from monai_seg.handlers.checkpoint_files import list_checkpoints, newest_sound_checkpoint

OFTEN = "0.0001"  # seconds between checkpoints: one after each iteration
EXIT_WITHIN_S = 5.0
WAYS_TO_STOP = (("SIGTERM", False, 143), ("SIGUSR1", False, 143), ("SIGINT", False, 130), ("STOP", False, 143),
                ("SIGTERM", True, 143), ("SIGINT", True, 130))  # name, to the loaders as well, exit code


class Figure(NamedTuple):
    """One question: how often it went well, of how many, and what there is to say."""

    what: str
    good: int
    of: int
    notes: list[str]


class Trainings:
    """Asks the questions in ``folder``; trainings are compared with one that nothing happened to."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder, self.rng = folder, np.random.default_rng(seed)
        self.data = make_data(folder / "data")
        self.config = str(write_config(folder / "train.json"))

    @cache  # noqa: B019  # one object per program
    def reference(self) -> tuple[Ended, float]:
        """Return the unbroken run and the seconds from its lock to its end."""
        running = Running(self.config, self.data, self.folder / "whole", checkpoint_every_s=OFTEN)
        running.wait_until(running.folder.joinpath("run.lock").exists)
        start = time.perf_counter()
        ended = running.end()
        assert ended.code == 0, ended.stderr
        return ended, time.perf_counter() - start

    def kills(self, count: int) -> Figure:
        """kill -9 at random moments of a run, then resume."""
        whole, duration_s = self.reference()
        equal_weights, notes = 0, []
        for number in range(count):
            folder, delay_s, is_killed = self.folder / "killed" / str(number), 0.0, False
            while not is_killed:  # one that ends before its moment is no trial
                shutil.rmtree(folder, ignore_errors=True)
                delay_s = float(self.rng.uniform(0, duration_s))
                running = Running(self.config, self.data, folder, checkpoint_every_s=OFTEN)
                running.wait_until(folder.joinpath("run.lock").exists)
                moment = time.perf_counter() + delay_s
                running.wait_until(lambda until=moment: time.perf_counter() >= until)
                running.send(signal.SIGKILL)
                is_killed = running.end().code == -signal.SIGKILL
            where = _where(folder)
            again = train(self.config, self.data, folder, resume="auto", checkpoint_every_s=OFTEN)
            same = again.code == 0 and again.weights == whole.weights
            equal_weights += same
            notes.append(f"{'equal' if same else 'OTHER'}: killed after {delay_s:.2f} s, {where}"
                         + ("" if again.code == 0 else f"; resume ended with {again.code}: {again.stderr[-300:]}"))
        return Figure("kill -9 at random moments, then resume: equal final weights", equal_weights, count, notes)

    def save_kills(self, count: int) -> Figure:
        """kill -9 inside a save, at each operation of it in turn."""
        base, total = self._saved_once(), self._operations_of_a_save()
        loadable, notes = 0, []
        for number in range(count):
            folder, at = _copy(base, self.folder / "save_kills" / str(number)), number % total + 1
            pid = os.fork()
            if pid == 0:
                _save_again(folder, Operations(at, die))
                os._exit(0)
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
            problem = _not_intact(folder, self._both_states())
            loadable += problem is None
            notes += [f"killed at operation {at}: {problem}"] if problem else []
        return Figure(f"kill -9 inside a save ({total} writes, fsyncs and renames): loadable", loadable, count, notes)

    def disk_faults(self) -> Figure:
        """A disk that refuses at the n-th write, fsync and rename of a save, for every n."""
        base, total = self._saved_once(), self._operations_of_a_save()
        intact, notes = 0, []
        for at in range(1, total + 1):
            folder = _copy(base, self.folder / "refused" / str(at))
            after = self.folder / "after_refusal" / str(at)
            _save_again(folder, Operations(at, refuse), after)
            problem = _not_intact(after, self._both_states()) or _not_intact(folder, self._both_states()[1:])
            intact += problem is None
            notes += [f"refused at operation {at}: {problem}"] if problem else []
        return Figure("a full disk at the n-th write, fsync or rename, every n: old or new state intact", intact, total,
                      notes)

    def stops(self, count: int) -> Figure:
        """SIGTERM, SIGUSR1, Ctrl-C and STOP in turn at random moments: exit code, time to exit, and going on."""
        whole, duration_s = self.reference()
        good, slowest_s, notes = 0, 0.0, []
        for number in range(count):
            way, to_all, code = WAYS_TO_STOP[number % len(WAYS_TO_STOP)]
            options = {"num_workers": "2", "cache_mb": "0"} if to_all else {}
            folder, took_s, ended = self.folder / "stopped" / str(number), 0.0, None
            while ended is None or ended.code == 0:  # one that ends before its moment is no trial
                shutil.rmtree(folder, ignore_errors=True)
                running = Running(self.config, self.data, folder, **options)
                running.wait_until(folder.joinpath("losses.csv").exists)  # training has begun
                until = time.perf_counter() + float(self.rng.uniform(0, duration_s / 4))
                running.wait_until(lambda until=until: time.perf_counter() >= until)
                asked = time.perf_counter()
                if way == "STOP":
                    folder.joinpath("STOP").touch()
                else:
                    running.send(getattr(signal, way), to_all)
                ended, took_s = running.end(), time.perf_counter() - asked
            slowest_s = max(slowest_s, took_s)
            where = _where(folder)
            again = train(self.config, self.data, folder, resume="auto")
            ok = ended.code == code and took_s <= EXIT_WITHIN_S and again.weights == whole.weights
            good += ok
            asked_of = f"{way} to all processes" if to_all else way
            notes.append(f"{'good' if ok else 'BAD'}: {asked_of}, exit code {ended.code} after {took_s:.2f} s, {where}"
                         + ("" if ok else ended.stderr[-300:] + again.stderr[-300:]))
        return Figure(f"stopped by a signal or STOP: exit within {EXIT_WITHIN_S:.0f} s (slowest {slowest_s:.2f} s) and "
                      "an iteration, resumed to equal weights", good, count, notes)

    def not_a_number(self) -> Figure:
        """NaN in an image, a loss, a weight and a score: told with file names, and never saved."""
        notes, good = [], 0
        for where, plant in NAN_PLANTS.items():
            ended = train(self.config, self.data, self.folder / "nan" / where, plant, checkpoint_every_s=OFTEN)
            last = (ended.stderr.strip().splitlines() or [""])[-1]
            named = bool(re.match(r"error: png_images/\S+\.png", last))
            clean = all(_is_finite(path) for path in [*list_checkpoints(ended.folder / "checkpoints"),
                                                      *ended.folder.glob("model.pt")])
            ok = ended.code == 1 and named and clean
            good += ok
            notes.append(f"{'stopped' if ok else 'MISSED'}: {where}: exit code {ended.code}, {last}")
        return Figure("NaN planted in image, loss, weight, score: stopped, files named, nothing of it saved", good,
                      len(NAN_PLANTS), notes)

    def restored(self) -> Figure:
        """Each part of the state, before a stop within an epoch and after the resume."""
        folder = self.folder / "restored"
        before = copy.deepcopy(TinyTrainer(folder).stop_after(5).run().state())
        before["epoch"] -= 1  # the second epoch is not over
        other = TinyTrainer(folder, resume=True, seed=99)
        after: dict[str, Any] = {}
        other.trainer.add_event_handler(Events.STARTED, lambda: after.update(copy.deepcopy(other.state())))
        other.run()
        wrong = [name for name, value in before.items() if not equal(value, after.get(name))]
        return Figure("state fields restored", len(before) - len(wrong), len(before), wrong)

    def workers(self) -> Figure:
        """0, 1, 2 and 4 loader processes."""
        whole, _ = self.reference()
        found = {count: train(self.config, self.data, self.folder / "workers" / count, num_workers=count,
                              cache_mb="0").weights for count in ("0", "1", "2", "4")}
        wrong = [f"{count} workers give other weights" for count, weights in found.items() if weights != whole.weights]
        return Figure("0, 1, 2, 4 workers: equal weights", len(found) - len(wrong), len(found), wrong)

    def again(self) -> Figure:
        """A run from the config of another, as its card says."""
        whole, _ = self.reference()
        ended = train(str(whole.folder / "config.json"), self.data, self.folder / "again", resume="false")
        same = ended.code == 0 and ended.weights == whole.weights
        return Figure("run again from the card: equal weights", int(same), 1, [] if same else [ended.stderr[-300:]])

    @cache  # noqa: B019
    def _saved_once(self) -> Path:
        TinyTrainer(self.folder / "saved", epochs=1).run()
        return self.folder / "saved"

    @cache  # noqa: B019
    def _operations_of_a_save(self) -> int:
        operations = Operations(0, refuse)
        _save_again(_copy(self._saved_once(), self.folder / "counted"), operations)
        return operations.count

    @cache  # noqa: B019
    def _both_states(self) -> tuple[dict[str, Any], ...]:
        """Checkpoint and best weights before and after the save."""
        self._operations_of_a_save()
        return tuple({"checkpoint": _newest(folder), "model": torch.load(folder / "model.pt", weights_only=True)}
                     for folder in (self._saved_once(), self.folder / "counted"))


def _save_again(folder: Path, operations: Operations, after: Path | None = None) -> None:
    """Go on for one epoch, with ``operations`` planted while it is saved; copy what that save left to ``after``.

    A save that failed is tried once more at the end of training.
    """
    run = TinyTrainer(folder, epochs=2, resume=True)
    write = run.checkpoints._write

    def spoilt(*arguments: Any) -> None:
        try:
            with planted(operations):
                write(*arguments)
        finally:
            if after is not None and not after.exists():
                _copy(folder, after)

    run.checkpoints._write = spoilt  # type: ignore[method-assign]
    run.run()


def _not_intact(folder: Path, states: tuple[dict[str, Any], ...]) -> str | None:
    newest = _newest(folder)
    if newest is None or not any(equal(newest, state["checkpoint"]) for state in states):
        return "no checkpoint, or neither the old nor the new"
    try:
        weights = torch.load(folder / "model.pt", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        return f"the best weights do not load ({type(error).__name__})"
    return None if any(equal(weights, state["model"]) for state in states) else "the best weights are neither"


def _newest(folder: Path) -> dict[str, Any] | None:
    found = newest_sound_checkpoint(folder / "checkpoints")
    return None if found is None else found[1]


def _copy(folder: Path, to: Path) -> Path:
    return shutil.copytree(folder, to, symlinks=True)


def _where(folder: Path) -> str:
    """Say how far a run had come, by what is in its folder."""
    checkpoints = folder / "checkpoints"
    standing = list_checkpoints(checkpoints)
    rest = [path.name for path in [*checkpoints.glob(".*.tmp"), *folder.glob(".*.tmp")]]
    unpaired = [path.name for path in checkpoints.glob("*.pt.sha256") if not path.with_suffix("").exists()]
    newest = f"newest {standing[0].name}" if standing else "no checkpoint yet"
    inside = f", while writing {rest[0]}" if rest else f", between {unpaired[0]} and its checkpoint" if unpaired else ""
    return newest + inside


def _is_finite(path: Path) -> bool:
    return all(tensor.isfinite().all() for tensor in _tensors(torch.load(path, weights_only=True)))


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _tensors(part)
