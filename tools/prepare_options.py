"""Options that all prepare_*.py programs share: how cases are grouped and dealt into splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from monai_seg.prepare import Dealing, Groups, MaskFolders

Raw = Annotated[Path, typer.Argument(help="Folder of the data set as it was downloaded and unpacked.")]
Out = Annotated[Path | None, typer.Argument(help="Folder to write to; without it the raw folder itself is used.")]
GroupTable = Annotated[Path | None, typer.Option(
    "--groups", help="CSV table that names the patient of each image: images of one patient stay in one split. The "
    "first column names the image, the second the patient.")]
GroupColumn = Annotated[str | None, typer.Option(help="Column of --groups that names the patient, if not the second.")]
GroupRegex = Annotated[str | None, typer.Option(
    help=r"Instead of --groups: the part of an image's name that is the patient, such as '^(patient\d+)_'.")]
Seed = Annotated[int, typer.Option(min=0, help="Another number deals the cases into the splits otherwise.")]
Shares = Annotated[tuple[float, float, float], typer.Option(
    metavar="TRAIN VAL TEST", help="Shares of training, validation and test; they add up to 1.")]
Folds = Annotated[int | None, typer.Option(
    min=2, help="Also number the cases outside of test 0 to FOLDS-1, for cross-validation.")]
LeaveOutOrphans = Annotated[bool, typer.Option(
    "--leave-out-orphans", help="Go on without images that have no mask and masks that have no image.")]
Window = Annotated[tuple[float, float] | None, typer.Option(
    metavar="LOW HIGH", help="Values that become black (0) and white (255), in the unit of the file.")]
DEFAULT_SHARES = (0.64, 0.16, 0.2)


def start(command: Callable[..., None]) -> None:
    """Run ``command`` with the options of the command line; bad input ends it with one line and exit code 1."""
    from monai_seg.errors import report_input_errors_in_one_line

    report_input_errors_in_one_line()
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    typer.main.get_command(app)()  # calling app itself would put another excepthook in place


def listing(name: str, text: str) -> Callable[..., None]:
    """Return the command that lists a public data set by ``monai_seg.prepare.<name>``.

    Args:
        name: a function that takes the folder, ``out``, groups, dealing and ``leave_out_orphans``.
        text: what ``--help`` says.
    """

    def prepare(
        raw: Raw,
        out: Out = None,
        groups: GroupTable = None,
        group_column: GroupColumn = None,
        group_regex: GroupRegex = None,
        seed: Seed = 0,
        shares: Shares = DEFAULT_SHARES,
        folds: Folds = None,
        leave_out_orphans: LeaveOutOrphans = False,
    ) -> None:
        import monai_seg.prepare

        typer.echo(getattr(monai_seg.prepare, name)(
            raw, out, groups=grouping(groups, group_column, group_regex), dealing=dealing(seed, shares, folds),
            leave_out_orphans=leave_out_orphans))

    prepare.__doc__ = text
    return prepare


def dealing(seed: int, shares: tuple[float, float, float], folds: int | None) -> Dealing:
    """Return how cases are dealt."""
    from monai_seg.data.splits import Shares
    from monai_seg.prepare import Dealing

    return Dealing(seed, Shares(*shares), folds)


def grouping(table: Path | None, column: str | None, regex: str | None = None) -> Groups | None:
    """Return where groups come from; None where no option says so."""
    from monai_seg.prepare import Groups

    return Groups(table, column, regex) if table or regex else None


def mask_folders(instances: bool, parts: Sequence[str]) -> MaskFolders | None:
    """Return how masks that are folders are read; None where no option says so."""
    from monai_seg.errors import InputError
    from monai_seg.prepare import MaskFolders

    if instances and parts:
        raise InputError("--instances", "given together with --part", "choose one of them")
    return MaskFolders(tuple(parts)) if instances or parts else None


def class_table(table: Path | None, column: str | None) -> tuple[Path, str] | None:
    """Return the table and its column that has the classes; None where no option says so."""
    from monai_seg.errors import InputError

    if column is None:
        return None
    if table is None:
        raise InputError("--class-column", f"{column!r} of which table", "name it with --classes or --groups")
    return table, column
