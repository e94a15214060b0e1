"""The small form of what ``tools/faults.py processes`` asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = {
    "2 and 3 processes against one": 4,
    "NaN in one of two processes": 2,
    "stopped together by what one was told": 2,
    "a process killed, the job relaunched": 2,
}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the program prints; it forks, so it has a process of its own."""
    command = [sys.executable, "tools/faults.py", "processes", "--process_kills", "2"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "",
                   "TMPDIR": str(tmp_path_factory.mktemp("processes"))}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    return done.stdout + done.stderr * (done.returncode > 1)


@pytest.mark.slow
@pytest.mark.parametrize("question", EXPECTED)
def test_several_processes_are_as_one_and_lose_nothing(question: str, printed: str) -> None:
    line = next((line for line in printed.splitlines() if line.startswith(question)), None)
    assert line is not None, printed
    assert line.endswith(f" {EXPECTED[question]}/{EXPECTED[question]}"), printed
