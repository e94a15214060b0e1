"""Make the SIIM-ACR pneumothorax set ready for training: masks, patients and splits.

RAW is a folder in one of three forms: png_images/ and png_masks/ of equal names (only the list of cases is written);
png_images/ and train-rle.csv (the masks are written, too); or the DICOM files and train-rle.csv (images are written,
too). Patients are read from patients.csv (columns ImageId, PatientId) or from the DICOM files.

    python tools/prepare_siim.py data/siim

The program can be stopped and started again at any time. The list, datalist.json, is written last.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import prepare_options as options
import typer


def prepare(
    raw: options.Raw,
    out: options.Out = None,
    groups: options.GroupTable = None,
    group_column: options.GroupColumn = None,
    seed: options.Seed = 0,
    shares: options.Shares = options.DEFAULT_SHARES,
    folds: options.Folds = None,
    rle: Annotated[Path | None, typer.Option(help="Table of run lengths, if not train-rle.csv in RAW.")] = None,
    window: options.Window = None,
    leave_out_orphans: options.LeaveOutOrphans = False,
) -> None:
    from monai_seg.prepare import prepare_siim

    typer.echo(prepare_siim(raw, out, groups=options.grouping(groups, group_column), rle=rle, window=window,
                            dealing=options.dealing(seed, shares, folds), leave_out_orphans=leave_out_orphans))


prepare.__doc__ = __doc__

if __name__ == "__main__":
    options.start(prepare)
