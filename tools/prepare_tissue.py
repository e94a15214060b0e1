"""List the cases of a set of tissue tiles for training, split by slide.

RAW is the folder that holds images/ and masks/ of equal names. Only the list of cases is written. The slide is read
from names such as slide_003_tile_07.png, unless --groups or --group-regex tells it.

    python tools/prepare_tissue.py data/tissue

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
    group_regex: options.GroupRegex = None,
    seed: options.Seed = 0,
    shares: options.Shares = options.DEFAULT_SHARES,
    folds: options.Folds = None,
    leave_out_orphans: options.LeaveOutOrphans = False,
) -> None:
    from monai_seg.prepare import prepare_tissue

    typer.echo(prepare_tissue(
        raw, out, groups=options.grouping(groups, group_column, group_regex),
        dealing=options.dealing(seed, shares, folds), leave_out_orphans=leave_out_orphans))


prepare.__doc__ = __doc__

if __name__ == "__main__":
    options.start(prepare)
