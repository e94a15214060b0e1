"""What ``python -m monai_seg new`` does."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import typer

from monai_seg.check.command import parse_option
from monai_seg.plan.new import Order, new_bundle
from monai_seg.plan.reading import ask_at_terminal, keep
from monai_seg.run.start import start

STOPPED = 143


def run_new(
    name: str, images: Path, masks: Path, minutes: float, device: str, encoding: str | None, asked: bool
) -> int:
    """Plan the bundle and return the exit code: 1 where the check finds errors, else 0.

    Raises:
        InputError: see `new_bundle`.
    """
    start(0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # so that what was begun is removed
    order = Order(name, images, masks, minutes, device, parse_option(encoding))
    bundle = new_bundle(order, ask_at_terminal if asked else keep, typer.echo)
    if bundle is None:
        return 1
    typer.echo(f"{bundle}: look at README.md and samples.png in it, then")
    typer.echo(f"python -m monai.bundle run training --config_file {bundle}/train.json")
    return 0
