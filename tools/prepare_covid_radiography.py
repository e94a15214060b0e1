"""List the cases of the COVID-19 Radiography Database for training: lung masks, classes and splits.

RAW is the folder with COVID/, Lung_Opacity/, Normal/ and Viral Pneumonia/, each with images/ and masks/, or the folder
that was unpacked around it. Only the list of cases is written. The class of an image is its folder: 0 COVID,
1 Lung_Opacity, 2 Normal, 3 Viral Pneumonia. Masks are smaller than images; the bundle resizes them.

    python tools/prepare_covid_radiography.py data/covid_radiography

The program can be stopped and started again at any time. The list, datalist.json, is written last.
"""

from __future__ import annotations

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
    leave_out_orphans: options.LeaveOutOrphans = False,
) -> None:
    from monai_seg.prepare import prepare_covid_radiography

    typer.echo(prepare_covid_radiography(
        raw, out, groups=options.grouping(groups, group_column),
        dealing=options.dealing(seed, shares, folds), leave_out_orphans=leave_out_orphans))


prepare.__doc__ = __doc__

if __name__ == "__main__":
    options.start(prepare)
