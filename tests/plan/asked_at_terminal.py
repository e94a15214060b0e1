"""``new mine --ask`` in a process of its own, its standard streams a terminal; the pace given instead of measured.

    python asked_at_terminal.py <images> <masks>
"""

from __future__ import annotations

import fcntl
import signal
import termios
from pathlib import Path

import typer

from monai_seg.plan import new
from monai_seg.plan.command import run_new
from monai_seg.plan.probe import Pace


def main(images: Path, masks: Path) -> None:
    """Run it as the command line does."""
    raise typer.Exit(run_new("mine", images, masks, 10.0, "cpu", None, True))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job is started without
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C at the terminal reaches this process
    new.measure_pace = lambda *_: Pace("a processor", 8, 40.0, 100.0, 500.0)
    new.preview = lambda config, out, overrides: out.write_bytes(b"")
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
