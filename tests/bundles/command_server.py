"""Runs commands as ``python -m`` would, each in a fork of a process that has imported the heavy packages once.

Reads from stdin a JSON line for each command, ``{"argv": [module, …], "stdout": path, "stderr": path}``, and answers
with its exit code on stdout. A fork is a process of its own, but lacks the five seconds of imports.
"""

from __future__ import annotations

import json
import os
import runpy
import sys

import matplotlib.pyplot
import monai.bundle
import torch.utils.tensorboard
from transformers import AutoModelForImageClassification

import monai_seg.cli
import monai_seg.data
import monai_seg.handlers
import monai_seg.inferers
import monai_seg.networks
import monai_seg.run
import monai_seg.sample

IMPORTED = (AutoModelForImageClassification, matplotlib, monai, monai_seg, torch)  # for the forks


def serve() -> dict | None:
    """Fork for each request; return the request in the fork, and None in the server when stdin ends."""
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            return json.loads(line)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def become(argv: list[str], stdout: str, stderr: str) -> None:
    """Run the command as the main module; what it raises goes up to Python's own end of a process."""
    for number, path in ((0, os.devnull), (1, stdout), (2, stderr)):
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    sys.argv = ["", *argv[1:]]
    sys.path.insert(0, os.getcwd())
    runpy.run_module(argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__" and (request := serve()) is not None:
    become(**request)
