from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", {}), reason="another C library")
def test_memory_that_is_freed_is_kept_for_the_next_step() -> None:
    """Page faults of asking for, filling and freeing four times 64 MB again and again, in a process of its own."""
    code = (
        "import resource, sys, torch\n"
        "from monai_seg.freed_memory import keep_freed_memory\n"
        "if sys.argv[1] == 'keep': keep_freed_memory()\n"
        "def step(): [torch.ones(1 << 24) for _ in range(4)]\n"
        "for _ in range(5): step()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "for _ in range(5): step()\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)\n"
    )
    kept, given_back = (int(subprocess.run([sys.executable, "-c", code, each], check=True, capture_output=True,
                                           text=True).stdout) for each in ("keep", "not"))
    assert kept < 100 < given_back
