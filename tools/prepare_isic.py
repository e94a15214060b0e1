"""List the cases of ISIC (skin lesions, segmentation task of 2016 to 2018) for training, with splits.

RAW is the folder that holds both the folder of images (ISIC-2017_Training_Data/ or ISIC2018_Task1-2_Training_Input/)
and the folder of masks (its name ends in GroundTruth). Only the list of cases is written. Where the folders of several
splits lie there, the published splits are kept. Files such as _superpixels.png are left alone.

    python tools/prepare_isic.py data/isic

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
    from monai_seg.prepare import prepare_isic

    typer.echo(prepare_isic(
        raw, out, groups=options.grouping(groups, group_column),
        dealing=options.dealing(seed, shares, folds), leave_out_orphans=leave_out_orphans))


prepare.__doc__ = __doc__

if __name__ == "__main__":
    options.start(prepare)
