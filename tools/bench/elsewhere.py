"""What is neither training nor inference: the help text, and the reading of a whole data set."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Figures = dict[str, float]


def help_text() -> Figures:
    """Seconds of ``python -m monai_seg --help``."""
    return {"seconds": _seconds("--help")}


def check_data(data: str, out: str, cases: int) -> Figures:
    """Cases per second of ``python -m monai_seg check-data``, its start included."""
    return {"cases_per_s": cases / _seconds("check-data", data, "--out", out, good=(0, 1))}


def _seconds(*command: str, good: tuple[int, ...] = (0,)) -> float:
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "monai_seg", *command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in good:
        sys.exit(done.stderr[-2000:])
    return time.perf_counter() - begin
