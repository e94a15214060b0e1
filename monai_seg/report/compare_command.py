"""What ``python -m monai_seg compare`` does: print, write the page, and tell by the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from monai_seg.errors import InputError
from monai_seg.report.compare_page import changes, short_names
from monai_seg.report.compare_runs import ComparedRuns, compare_runs, write_comparison

MOST_CASES = 5  # on the terminal, of each kind


def run_compare(
    folders: Sequence[Path],
    out: Path,
    split: str | None,
    score: str,
    fail_if_worse: float | None,
    dataset_dir: Path | None,
    cases: int,
    pictures: bool,
) -> int:
    """Compare the runs with the first; return exit code 1 where one is worse than ``fail_if_worse`` allows, else 0.

    Args:
        folders: of the runs.
        out: the page.
        split, score: what is compared.
        fail_if_worse: how much worse the mean score may be; None for any.
        dataset_dir: where the data set lies now.
        cases: shown of each kind.
        pictures: whether to run the networks.

    Raises:
        InputError: see `compare_runs` and `write_comparison`; a number below 0.
    """
    if cases < 1:
        raise InputError("--cases", f"must be 1 or more, got {cases}", "give --no-pictures for none")
    if fail_if_worse is not None and not fail_if_worse >= 0:
        raise InputError("--fail-if-worse", f"must be 0 or more, got {fail_if_worse}", "give 0.01, say")
    compared = compare_runs(folders, split=split, score=score)
    console = Console()
    _print(compared, console)
    lacking = write_comparison(compared, out, dataset_dir=dataset_dir, cases=cases, pictures=pictures)
    for line in lacking:
        console.print(f"note: {line}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"comparison: {out}", markup=False, highlight=False, soft_wrap=True)
    names = short_names([run.folder for run in compared.runs])
    worse = [(name, by) for name, found in zip(names[1:], compared.found, strict=True)
             if fail_if_worse is not None and (by := found.worse_by(score)) > fail_if_worse]
    for name, by in worse:
        console.print(f"worse: {name} by {by:.4f} in {score}, {fail_if_worse:g} is allowed", markup=False,
                      highlight=False, soft_wrap=True)
    return int(bool(worse))


def _print(compared: ComparedRuns, console: Console) -> None:
    common = compared.common
    names = short_names([run.folder for run in compared.runs])
    table = Table(title=f"{common.score} of {len(common.keys):,} common cases, split {common.split}",
                  title_justify="left", caption_justify="left")
    table.add_column("run", overflow="fold")
    for head in ("mean", "difference", "95 % interval", "Wilcoxon\np", "win/loss\n/tie"):  # leaves room for names
        table.add_column(head, justify="right", no_wrap=True)
    table.add_row(names[0], f"{common.values[0].mean():.4f}")
    for name, one in zip(names[1:], compared.found, strict=True):
        table.add_row(name, f"{one.mean_other:.4f}", f"{one.difference:+.4f}", f"{one.low:+.4f} to {one.high:+.4f}",
                      f"{one.p:.3g}", f"{one.wins}/{one.losses}/{one.ties}")
    console.print(table)
    for other in range(1, len(names)):
        _print_changes(compared, names, other, console)


def _print_changes(compared: ComparedRuns, names: Sequence[str], other: int, console: Console) -> None:
    common = compared.common
    worse, better = changes(common, other, MOST_CASES)
    if not worse and not better:
        return
    table = Table(title=f"cases that changed most, {names[0]} to {names[other]}", title_justify="left")
    table.add_column("case", overflow="fold")
    for head in (names[0], names[other], "change"):
        table.add_column(head, justify="right")
    for change in [*worse, *better[::-1]]:
        before, after = common.values[0, change.place], common.values[other, change.place]
        table.add_row(common.keys[change.place], f"{before:.3f}", f"{after:.3f}", f"{after - before:+.3f}")
    console.print(table)
