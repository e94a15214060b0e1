"""List the cases of COVID-QU-Ex (lung and infection masks) for training, in the splits as published.

RAW is the folder with Train/, Val/ and Test/, each with COVID-19/, Non-COVID/ and Normal/, each with images/,
lung masks/ and infection masks/, or the folder that was unpacked around it. Only the list of cases is written. It
names both masks of each image; the bundle lays the infection over the lung.

    python tools/prepare_covid_qu_ex.py data/covid_qu_ex

The program can be stopped and started again at any time. The list, datalist.json, is written last.
"""

from __future__ import annotations

import prepare_options as options
import typer


def prepare(
    raw: options.Raw,
    out: options.Out = None,
    folds: options.Folds = None,
    leave_out_orphans: options.LeaveOutOrphans = False,
) -> None:
    from monai_seg.prepare import prepare_covid_qu_ex

    typer.echo(prepare_covid_qu_ex(raw, out, folds=folds, leave_out_orphans=leave_out_orphans))


prepare.__doc__ = __doc__

if __name__ == "__main__":
    options.start(prepare)
