"""Trainings in several processes: the weights of one, and nothing lost or left hanging when one of them ends."""

from __future__ import annotations

import json
import signal
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jobs import Job, train_together
from not_a_number import NAN_PLANTS
from training_faults import OFTEN, Figure, _where
from trainings import NETWORK, Ended, make_data, train, write_config

CLOSE = 1e-6  # between weights of about 1, in fp32, after 3 epochs
SAME_SIZE = {"batch_size": "5"}  # 2 and 3 images, or 1, 2 and 2
ENDS_WITHIN_S = 40.0
LAST_EPOCH = "newest epoch_0003.pt"
LOST = "error: torchrun: another process of this job has ended or does not answer; "


class Jobs:
    """Asks the questions in ``folder``; the trainings see the same data as one process does."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        folder.mkdir(parents=True)
        self.folder, self.rng = folder, np.random.default_rng(seed)
        self.data = make_data(folder / "data")
        self.config = str(write_config(folder / "train.json"))
        self.descent = str(_with_descent(Path(self.config), folder / "descent.json"))

    def against_one(self) -> Figure:
        """2 and 3 processes, whose shares differ in size, against one with the same batch."""
        given = {"network_def": str({**NETWORK, "dropout": 0.0}), "precision": "fp32", **SAME_SIZE}
        ways = {"descent": self.descent, "AdamW": self.config}
        good, notes = 0, []
        for way, config in ways.items():
            alone = train(config, self.data, self.folder / way / "1", **given)
            for size in (2, 3):
                ended = train_together(size, config, self.data, self.folder / way / str(size), **given)
                assert not any(end.code for end in [alone, *ended]), [end.stderr[-500:] for end in [alone, *ended]]
                far = _differences(alone.folder, ended[0].folder)
                if way == "AdamW":  # of a gradient that is 0 but for rounding it makes steps of full length
                    far = {name: value for name, value in far.items() if name not in CANCELLED}
                good += max(far.values()) <= CLOSE
                notes.append(f"{way}, {size} processes: weights differ by {max(far.values()):.1e} at most")
        return Figure(f"2 and 3 processes against one: weights within {CLOSE}", good, len(notes), notes)

    @cache  # noqa: B019  # one object per program
    def reference(self) -> tuple[tuple[Any, ...], float]:
        """Return the weights of an unbroken run of two processes, and the seconds from its lock to its end."""
        job = Job(2, self.config, self.data, self.folder / "whole", checkpoint_every_s=OFTEN)
        job.wait_until(job.folder.joinpath("run.lock").exists)
        start = time.perf_counter()
        ended = job.end()
        assert not any(end.code for end in ended), [end.stderr[-500:] for end in ended]
        return ended[0].weights, time.perf_counter() - start

    def kills(self, count: int) -> Figure:
        """kill -9 of either process at a random moment, then a relaunch with --resume auto."""
        weights, duration_s = self.reference()
        good, notes = 0, []
        for number in range(count):
            folder, killed, delay_s, ended = self.folder / "killed" / str(number), number % 2, 0.0, list[Ended]()
            while not ended or not any(end.code for end in ended):  # one that ends before its moment is no trial
                delay_s = float(self.rng.uniform(0, 0.9 * duration_s))
                job = Job(2, self.config, self.data, folder, checkpoint_every_s=OFTEN)
                job.wait_until(folder.joinpath("run.lock").exists)
                moment = time.perf_counter() + delay_s
                job.wait_until(lambda until=moment: time.perf_counter() >= until)
                asked = time.perf_counter()
                job.kill(killed)
                ended = job.end(ENDS_WITHIN_S)
            took_s, where, told = time.perf_counter() - asked, _where(folder), _told(ended[1 - killed])
            again = train_together(2, self.config, self.data, folder, resume="auto", checkpoint_every_s=OFTEN)
            same = not any(end.code for end in again) and again[0].weights == weights
            had_done_its_part = ended[1 - killed].code == 0 and LAST_EPOCH in where  # what is left is the first one's
            ended_by_it = had_done_its_part or ended[1 - killed].code not in (0, None)
            ok = same and ended[killed].code == -signal.SIGKILL and ended_by_it and told in ("", LOST)
            good += ok
            notes.append(f"{'equal' if ok else 'OTHER'}: process {killed} killed after {delay_s:.2f} s, all over "
                         f"{took_s:.2f} s later, the other told {'nothing' if not told else 'the end of this one'}, "
                         f"its exit code {ended[1 - killed].code}, {where}"
                         + ("" if ok else told + again[0].stderr[-500:]))
        return Figure("a process killed, the job relaunched: ended by itself, equal final weights", good, count, notes)

    def stops(self) -> Figure:
        """A signal to one process alone, and STOP: all stop after the same iteration, and go on to the same weights."""
        weights, _ = self.reference()
        good, notes = 0, []
        for way, number in (("SIGTERM to the second", signal.SIGTERM), ("STOP", None)):
            folder = self.folder / "stopped" / way.split()[0]
            job = Job(2, self.config, self.data, folder)
            job.wait_until(folder.joinpath("losses.csv").exists)
            if number is None:
                folder.joinpath("STOP").touch()
            else:
                job.ranks[1].send(number)
            ended, where = job.end(), _where(folder)
            again = train_together(2, self.config, self.data, folder, resume="auto")
            ok = [end.code for end in ended] == [143, 143] and again[0].weights == weights
            good += ok
            notes.append(f"{'good' if ok else 'BAD'}: {way}, exit codes {[end.code for end in ended]}, {where}"
                         + ("" if ok else "".join(end.stderr[-500:] for end in [*ended, *again])))
        return Figure("stopped together by what one was told: exit code, equal weights", good, len(notes), notes)

    def not_a_number(self) -> Figure:
        """A number that is none, met by one of the processes: all end, and it is told once, with files."""
        good, notes = 0, []
        for where in ("image", "weight"):
            plant = NAN_PLANTS[where]
            job = Job(2, self.config, self.data, self.folder / "nan" / where,
                      lambda rank, plant=plant: plant() if rank == 1 else None)
            ended = job.end()
            lines = [line for end in ended for line in end.stderr.splitlines() if line.startswith("error: ")]
            ok = [end.code for end in ended] == [1, 1] and len(lines) == 1 and "png_images/" in lines[0]
            good += ok
            notes.append(f"{'stopped' if ok else 'MISSED'}: {where}: exit codes {[end.code for end in ended]}, {lines}")
        return Figure("NaN in one of two processes: both stopped, told once with files", good, len(notes), notes)


CANCELLED = {  # biases that instance norm takes away again: their gradient is 0
    "model.0.conv.unit0.conv.bias", "model.1.submodule.conv.unit0.conv.bias", "model.2.0.conv.bias",
}  # fmt: skip


def _with_descent(config: Path, path: Path) -> Path:
    """Write ``config`` with plain gradient descent, whose steps are as small as the gradients."""
    content = json.loads(config.read_text())
    content["optimizer"] = {"_target_": "torch.optim.SGD", "params": "$@network.parameters()", "lr": "@learning_rate"}
    path.write_text(json.dumps(content))
    return path


def _differences(one: Path, other: Path) -> dict[str, float]:
    ours, theirs = (torch.load(folder / "checkpoints" / "last.pt", weights_only=True)["network"]
                    for folder in (one, other))
    return {name: float((ours[name] - theirs[name]).abs().max()) for name in ours}


def _told(ended: Ended) -> str:
    """Return the error line of a process, up to its mend; "" where there is none."""
    lines = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in ended.stderr, ended.stderr[-3000:]
    return "".join(line[: len(LOST)] for line in lines)
