"""What ``python -m monai_seg check-data`` does: read, print, write, and tell by the exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from monai_seg.check.check_data import check_data, list_cases
from monai_seg.check.table import print_report
from monai_seg.check.write_report import SETTINGS_NAME, write_report
from monai_seg.durable import make_folder
from monai_seg.errors import InputError

REFRESH_EVERY = 16  # cases


def run_check(folder: Path, encoding: str | None, out: Path | None, workers: int | None) -> int:
    """Check ``folder`` and return the exit code: 1 where a finding is an error, else 0.

    Args:
        folder: the data set.
        encoding: mask encoding as JSON; None to have one proposed.
        out: folder for the report; None for ``check-<name>`` in the current folder, as the data set stays as it is.
        workers: processes, None for one per core.

    Raises:
        InputError: no data set, impossible encoding, or ``out`` cannot be written.
    """
    declared = parse_option(encoding)
    cases = list_cases(folder)
    target = make_folder(out if out is not None else Path(f"check-{folder.absolute().name}"))
    if workers is not None and workers < 1:
        raise InputError("--workers", f"must be 1 or more, got {workers}", "leave it out for one per core")
    errors = Console(stderr=True)
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # refreshed by hand: its own thread would be forked into the processes that read
    with Progress(*columns, console=errors, transient=True, auto_refresh=False, disable=not errors.is_terminal) as bar:
        task = bar.add_task("cases", total=len(cases.cases))
        report = check_data(cases, declared, workers, lambda: _advance(bar, task))
    console = Console()
    print_report(report, console)
    page = write_report(report, target)
    settings = page.with_name(SETTINGS_NAME)
    for line in (f"report: {page}", "train with these settings: python -m monai.bundle run training --config_file "
                 f"\"['bundles/<name>/train.json','{settings}']\" --dataset_dir {folder}"):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return int(report.has_errors)


def _advance(bar: Progress, task: TaskID) -> None:
    bar.advance(task)
    if bar.tasks[0].completed % REFRESH_EVERY == 0:
        bar.refresh()


def parse_option(encoding: str | None) -> dict[str, Any] | None:
    """Return the mask encoding that the option holds as JSON.

    Raises:
        InputError: it is no JSON object.
    """
    if encoding is None:
        return None
    try:
        parsed = json.loads(encoding)
    except json.JSONDecodeError as error:
        raise InputError("--encoding", f"not JSON ({error})", """give say '{"kind": "binary"}'""") from error
    if not isinstance(parsed, dict):
        raise InputError("--encoding", f"is a {type(parsed).__name__}", """give say '{"kind": "binary"}'""")
    return parsed
