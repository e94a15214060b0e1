"""One thread per test process: several processes of several threads each wait for each other, 50 times as long."""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported, also in subprocesses
