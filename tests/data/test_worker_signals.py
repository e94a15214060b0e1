from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

CODE = """
import os, signal
from monai_seg.data import worker_signals
worker_signals.GRACE_S = 0.2
worker_signals.outlast_stop_signals()
for name in {names!r}:
    os.kill(os.getpid(), getattr(signal, name))
print("alive", flush=True)
signal.pause()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_loader_outlasts_what_stops_a_training_and_ends_by_itself() -> None:
    code = CODE.format(names=("SIGUSR1", "SIGINT", "SIGTERM"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "alive\n"
    assert done.returncode == -signal.SIGALRM
