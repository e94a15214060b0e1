"""Commands as a user gives them, and what they leave."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
SHARED = ("engines", "networks")  # folders of fragments beside the bundles
BUNDLES = sorted(path.parent.name for path in (ROOT / "bundles").glob("*/train.json") if path.parent.name not in SHARED)
CONFIGS = [f"bundles/{bundle}/{name}.json" for bundle in BUNDLES for name in ("train", "evaluate", "inference")]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "HF_HUB_OFFLINE": "1"}
RUN_IDS = {"train": "training", "evaluate": "evaluation", "inference": "inference", "train_classifier": "training",
           "evaluate_classifier": "evaluation", "inference_classifier": "inference", "zero_shot": "evaluation",
           "train_multitask": "training", "evaluate_multitask": "evaluation", "inference_multitask": "inference"}
ALL_CONFIGS = sorted(path.relative_to(ROOT).as_posix() for bundle in BUNDLES
                     for path in (ROOT / "bundles" / bundle).glob("*.json") if path.stem in RUN_IDS)
SMALL = {"image_size": "[64,64]", "max_epochs": "2", "num_workers": "0"}


def quick_with(*names: str) -> list[Any]:
    """Return all bundles as parameters of a test, those but ``names`` among the slow ones."""
    return [name if name in names else pytest.param(name, marks=pytest.mark.slow) for name in BUNDLES]


class Outcome(NamedTuple):
    """What a command left: its exit code and what it printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def error(self) -> str:
        """The one line that a refusal ends with; fails where it is not one, or is not the last, or a traceback came."""
        last = (self.stderr.strip().splitlines() or [""])[-1]
        assert self.code == 1, self
        assert last.startswith("error: "), self
        assert "Traceback" not in self.stdout + self.stderr, self
        assert re.fullmatch(r"error: .+: .+; .+", last), f"not a line of file, cause and mend: {last}"
        assert "tensor(" not in self.stdout + self.stderr, "pixels are printed"
        return last


Command = Callable[..., Outcome]


def bundle_command(config: str, **options: object) -> list[str]:
    """Return the arguments of Python that run ``bundles/<config>.json`` with ids overridden."""
    run_id = RUN_IDS[config.split("/")[-1]]
    return ["monai.bundle", "run", run_id, "--config_file", f"bundles/{config}.json",
            *(part for key, value in options.items() for part in (f"--{key}", str(value)))]


def run_apart(*argv: str) -> Outcome:
    """Run ``python -m argv`` in a process of its own, from the repository's root."""
    done = subprocess.run([sys.executable, "-m", *argv], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    return Outcome(done.returncode, done.stdout, done.stderr)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below ``folder``."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
