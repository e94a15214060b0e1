"""The small form of what ``tools/faults.py training`` asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = {
    "state fields restored": 12,
    "a full disk at the n-th write, fsync or rename": 13,
    "kill -9 inside a save": 13,
    "kill -9 at random moments, then resume": 2,
    "stopped by a signal or STOP": 6,
    "NaN planted in image, loss, weight, score": 4,
    "0, 1, 2, 4 workers": 4,
    "run again from the card": 1,
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the program prints; it forks, so it has a process of its own."""
    command = [sys.executable, "tools/faults.py", "training", "--kills", "2", "--save_kills", "13", "--stops", "6"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "",
                   "TMPDIR": str(tmp_path_factory.mktemp("faults"))}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)
    return done.stdout + done.stderr * (done.returncode > 1)


@pytest.mark.slow
@pytest.mark.parametrize("question", EXPECTED)
def test_trainings_lose_nothing(question: str, printed: str) -> None:
    line = next((line for line in printed.splitlines() if line.startswith(question)), None)
    assert line is not None, printed
    assert line.endswith(f" {EXPECTED[question]}/{EXPECTED[question]}"), printed
