"""Tiny trainings by the real command, each in a fork that can be killed, stopped and spoilt."""

from __future__ import annotations

import atexit
import json
import logging
import multiprocessing.util
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "bundles"))

import command_server  # noqa: E402  # imports what the command needs, once for all forks

NETWORK = {"_target_": "monai.networks.nets.UNet", "spatial_dims": 2, "in_channels": 1, "out_channels": 1,
           "channels": [4, 8], "strides": [2], "num_res_units": 1, "dropout": 0.2}
TINY = {
    "image_size": "[32,32]", "network_def": str(NETWORK), "batch_size": "2",
    "max_epochs": "3", "num_workers": "0", "cache_mb": "50",
}  # fmt: skip
LIMIT_S = 120
Plant = Callable[[], None]


class Ended(NamedTuple):
    """How a training ended: its exit code (negative: the signal that killed it), what it printed, its folder."""

    code: int
    stdout: str
    stderr: str
    folder: Path

    @property
    def weights(self) -> tuple[Any, ...]:
        """The hashes of the last and the best weights, and the best score, by the run's card."""
        card = json.loads((self.folder / "run_card.json").read_text())
        return tuple(card.get(name) for name in ("weights_sha256", "best_weights_sha256", "best_score", "best_epoch"))


class Running:
    """A training in a fork of this process; ``plant`` is called in the fork before the command."""

    def __init__(self, config: str, data: Path, folder: Path, plant: Plant | None = None, **options: str) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.folder, self.out, self.err = folder, Path(f"{folder}.out"), Path(f"{folder}.err")
        given = {"dataset_dir": str(data), "output_dir": str(folder), **TINY, **options}
        argv = ["monai.bundle", "run", "training", "--config_file", config,
                *(part for id, value in given.items() for part in (f"--{id}", value))]
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _become(argv, self.out, self.err, plant)
        self._code: int | None = None

    def is_over(self) -> bool:
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self._code = os.waitstatus_to_exitcode(status) if pid else None
        return self._code is not None

    def send(self, number: int, to_all: bool = False) -> None:
        """Send a signal to the training, or to all its processes."""
        if not self.is_over():
            (os.killpg if to_all else os.kill)(self.pid, number)

    def wait_until(self, holds: Callable[[], bool]) -> bool:
        """Wait until ``holds``; return whether it did before the training was over."""
        start = time.perf_counter()
        while not self.is_over():
            if holds():
                return True
            if time.perf_counter() - start > LIMIT_S:
                self.send(signal.SIGKILL)
            time.sleep(0.002)
        return False

    def end(self) -> Ended:
        self.wait_until(lambda: False)
        assert self._code is not None
        return Ended(self._code, self.out.read_text(), self.err.read_text(), self.folder)


def train(config: str, data: Path, folder: Path, plant: Plant | None = None, **options: str) -> Ended:
    """Run the training command to its end."""
    return Running(config, data, folder, plant, **options).end()


def write_config(path: Path) -> Path:
    """Write SIIM's training config with its macros resolved, so that all see one; call this from the root."""
    from monai_seg.bundle import flatten

    path.write_text(json.dumps(flatten("bundles/siim/train.json")))
    return path


def make_data(folder: Path) -> Path:
    """Make the twin that all these trainings see."""
    from monai_seg.sample import make_twin

    make_twin("siim", folder, cases=30, seed=0, size=64)
    return folder


def _become(argv: list[str], out: Path, err: Path, plant: Plant | None) -> None:
    code = 1
    atexit._clear()  # what the parent has to tidy up is the parent's
    atexit.register(multiprocessing.util._exit_function)
    try:
        os.setsid()  # a process group of its own
        logging.disable(logging.NOTSET)
        os.chdir(ROOT)
        if plant is not None:
            plant()
        command_server.become(argv, str(out), str(err))
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
