"""What ``python -m monai_seg tune`` does."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import typer

from monai_seg.errors import InputError
from monai_seg.tune.space import short_label

STOPPED = 143
BEST_ROWS = 20


def run_tune(
    bundle: Path, trials: int, minutes: float, space: Path | None, out: Path | None, score: str, words: Sequence[str]
) -> int:
    """Search, print the table, and return the exit code: 0, or 1 where no trial was finished.

    Raises:
        InputError: Optuna is missing; see `tune`.
    """
    if find_spec("optuna") is None:
        raise InputError("optuna", "is not installed", "pip install 'monai_seg[tune]'")
    from monai_seg.tune.results import BEST_NAME, PICTURE_NAME, TABLE_NAME
    from monai_seg.tune.tune import Search, tune

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # so that the training is stopped, and saves
    folder = out or Path("runs") / f"{bundle.absolute().name}.tune"
    rows = tune(Search(bundle, trials, minutes, folder, space, score, tuple(words)), typer.echo)
    for line in table_lines(rows[:BEST_ROWS]):
        typer.echo(line)
    counts = Counter(row["state"] for row in rows)
    typer.echo(f"{len(rows)} trials, the best {min(len(rows), BEST_ROWS)} above: "
               + ", ".join(f"{count} {state}" for state, count in counts.items()))
    if not rows or rows[0]["state"] != "complete":
        typer.echo(f"{folder / TABLE_NAME}: no trial was trained to its end")
        return 1
    typer.echo(f"{folder}: {TABLE_NAME}, {PICTURE_NAME} and {BEST_NAME}, the best values, to train with:")
    files = [(bundle / "train.json").as_posix(), (folder / BEST_NAME).as_posix()]
    typer.echo(f'python -m monai.bundle run training --config_file "{files}"')
    return 0


def table_lines(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return ``rows`` as lines with a head, columns below each other; the folder has the trial's number already."""
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name != "folder"]
    cells = [names, *([_cell(name, row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if name == "score" else short_label(value)
