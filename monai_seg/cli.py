"""The command line: each command imports what it needs when it runs, so that ``--help`` is there at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="From a folder of 2D medical PNG images and masks to a MONAI bundle that other teams can trust and run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands() -> None:
    """Keep the name of a command needed even while there is one alone."""


@app.command()
def sample(
    name: Annotated[str, typer.Argument(help="Bundle whose data set to imitate, such as siim.")],
    folder: Annotated[Path, typer.Argument(help="Where to write it.")],
    cases: Annotated[int | None, typer.Option(help="Number of images; the twin's own default if not given.")] = None,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal bytes.")] = 0,
    size: Annotated[int | None, typer.Option(help="Side of the images in pixels.")] = None,
) -> None:
    """Make the synthetic twin of a data set: its layout and encodings, without its patients."""
    from rich.progress import Progress

    from monai_seg.sample import TWINS, make_twin

    count = cases if cases is not None else (TWINS[name].cases if name in TWINS else 1)
    with Progress(transient=True) as bar:
        task = bar.add_task(f"{name} twin", total=count)
        make_twin(name, folder, cases=count, seed=seed, size=size,
                  progress=lambda done, total: bar.update(task, completed=done, total=total))
    typer.echo(f"{folder}: twin of {name} with {count} cases")


@app.command("check-data")
def check_data(
    folder: Annotated[Path, typer.Argument(help="Folder of the data set: datalist.json, or images/ beside masks/.")],
    encoding: Annotated[str | None, typer.Option(help="Mask encoding as JSON; proposed if not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the report goes; ./check-<name> if not given.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that read; one per core if not given.")] = None,
) -> None:
    """Read every file of a data set: what is wrong, and which settings fit. Exit code 1 if something is an error."""
    from monai_seg.check.command import run_check

    raise typer.Exit(run_check(folder, encoding, out, workers))
