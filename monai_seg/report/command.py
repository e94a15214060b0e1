"""What ``python -m monai_seg report`` does: write the page, say where it is and what it lacks."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from monai_seg.report.write_report import write_report

MOST_LINES = 12


def run_report(run_dir: Path, out: Path | None, dataset_dir: Path | None, cases: int, pictures: bool) -> int:
    """Write the report of the run in ``run_dir`` and return the exit code, 0.

    Raises:
        InputError: see `write_report`.
    """
    errors = Console(stderr=True)
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("pictures", total=None)
        path, lacking = write_report(
            run_dir, out, dataset_dir=dataset_dir, cases=cases, pictures=pictures,
            advance=lambda done, total: bar.update(task, completed=done, total=total))  # fmt: skip
    console = Console()
    for line in lacking[:MOST_LINES]:
        console.print(f"not shown: {line}", markup=False, highlight=False, soft_wrap=True)
    if len(lacking) > MOST_LINES:
        console.print(f"not shown: {len(lacking) - MOST_LINES} more, named in the page", markup=False, highlight=False)
    size = path.stat().st_size / 1e6
    console.print(f"report: {path} ({size:.1f} MB)", markup=False, highlight=False, soft_wrap=True)
    return 0
