"""One trial: the ordinary training command with an overlay, watched while it runs."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError

OVERLAY_NAME, TIME_NAME, LOG_NAME, STOP_NAME, LOCK_NAME = "overlay.json", "time.json", "log.txt", "STOP", "run.lock"
TENTHS = 10
LOOK_EVERY_S = 0.5
MOST_EPOCHS = 10000
PROGRAM = ("-m", "monai.bundle")
Score = tuple[int, float]  # tenths of the trial that are over, best score until then


def time_overlay(config: Mapping[str, Any], minutes: float) -> dict[str, Any]:
    """Return the ids by which a training of any bundle takes ``minutes`` and ends annealed."""
    if "schedule_minutes" in config:
        return {"schedule_minutes": minutes}
    # check_settings takes an id that is named here for one that is used
    replaced = " and ".join(f"@{id}" for id in ("patience", "warmup_epochs") if id in config)
    annealing = {
        "_target_": "monai_seg.handlers.Annealing",
        "_desc_": f"In a trial, in place of the schedule and of {replaced}.",
        "optimizer": "@optimizer", "evaluator": "@validate::evaluator", "output_dir": "@output_dir",
        "max_epochs": "@max_epochs", "minutes": minutes,
    }
    constant = {"_target_": "torch.optim.lr_scheduler.ConstantLR", "optimizer": "@optimizer", "factor": 1.0}
    return {"max_epochs": MOST_EPOCHS, "early_stop": annealing, "lr_scheduler": constant}


class TrialRun:
    """A training in a folder, which goes on there if it was stopped before.

    The training is a process of its own, so that what it does to memory, threads and random numbers ends with it, and
    what kills it kills one trial. It is told to stop by the file STOP, as any training, so a pruned trial is an
    ordinary run that was stopped.

    Args:
        bundle: folder with train.json.
        folder: of the run.
        overlay: id -> value that this trial tries.
        timed: ids by which it ends in time, see `time_overlay`.
        minutes: that it takes.
        words: more of the command line.
    """

    def __init__(
        self, bundle: Path, folder: Path, overlay: Mapping[str, Any], timed: Mapping[str, Any], minutes: float,
        words: Sequence[str] = (),
    ) -> None:
        self.folder, self.budget_s = make_folder(folder), 60 * minutes
        files = [str(bundle / "train.json")]
        for name, content in ((TIME_NAME, timed), (OVERLAY_NAME, overlay)):
            write_text_durably(folder / name, json.dumps(content, indent=2) + "\n")
            files.append(str(folder / name))
        self.command = [
            sys.executable, *PROGRAM, "run", "training", "--config_file", repr(files),
            "--meta_file", str(bundle / "metadata.json"), "--logging_file", str(bundle / "logging.conf"),
            "--output_dir", str(folder), "--resume", "auto", *words,
        ]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self.folder / STOP_NAME).unlink(missing_ok=True)
        with open(self.folder / LOG_NAME, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT)

    def watch(self, score: str, is_minimum: bool) -> Iterator[Score]:
        """Yield each tenth of the trial once it is over, with the best score until then; end with the process."""
        assert self.process is not None
        told = 0
        while True:
            is_over = self.process.poll() is not None
            for tenth, best in tenths(self.rows(), score, is_minimum, self.budget_s):
                if tenth > told:
                    told = tenth
                    yield tenth, best
            if is_over:
                return
            time.sleep(LOOK_EVERY_S)

    def rows(self) -> list[dict[str, str]]:
        path = self.folder / "metrics.csv"
        if not path.is_file():
            return []
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def best(self, score: str, is_minimum: bool) -> float | None:
        """Return the best score so far; None before the first.

        Raises:
            InputError: no column of that name.
        """
        rows = self.rows()
        if rows and score not in rows[0]:
            names = ", ".join(name for name in rows[0] if name.startswith("val_"))
            raise InputError("--score", f"{score} is not in {self.folder / 'metrics.csv'}", f"give one of {names}")
        values = _values(rows, score)
        return (min if is_minimum else max)(values) if values else None

    def stop(self) -> int:
        """Let the training end after its iteration and save; return its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            (self.folder / STOP_NAME).touch()
        code = self.process.wait()
        (self.folder / STOP_NAME).unlink(missing_ok=True)
        return code

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return None if self.process is None else self.process.poll()

    def end(self) -> None:
        """Do not leave the process behind, whatever happens here."""
        if self.process is not None and self.is_running:
            self.process.terminate()
            self.process.wait()

    def last_line(self) -> str:
        """Return what the training said last, which is its error where it failed."""
        lines = (self.folder / LOG_NAME).read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return next((line for line in reversed(lines) if line.startswith("error: ")), lines[-1] if lines else "")


def tenths(rows: Sequence[Mapping[str, str]], score: str, is_minimum: bool, budget_s: float) -> list[Score]:
    """Return for each tenth of ``budget_s`` that the rows of a metrics.csv pass the best score until then.

    Trials that differ in speed are so compared after equal times; a tenth without a validation before it is left out.
    """
    found: dict[int, float] = {}
    best: float | None = None
    for row in rows:
        for value in _values([row], score):
            best = value if best is None else (min if is_minimum else max)(best, value)
        tenth = min(TENTHS, int(TENTHS * float(row.get("seconds") or 0) / budget_s))
        if best is not None:
            found |= dict.fromkeys(range(max(found, default=0) + 1, tenth + 1), best)
    return list(found.items())


def _values(rows: Sequence[Mapping[str, str]], score: str) -> list[float]:
    values = [float(row[score]) for row in rows if row.get(score)]
    return [value for value in values if math.isfinite(value)]
