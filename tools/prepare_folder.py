"""Make a data set of any two folders of images and masks: PNG and other pictures, DICOM files or NIfTI volumes.

Images and masks are matched by name: {name} in --image-name and --mask-name stands for what both names share, so that
--mask-name '{name}_mask' takes x_mask.png for the mask of x.png. Pictures are copied to OUT, or left where they are if
they lie below it. DICOM files and each slice of a volume become PNG files of 8 bits; --window says which values become
black and white (say --window -160 240 for soft tissue in CT). Rows come first: an axial slice has the patient's front
on top and his right on the left. All slices of a volume stay in one split, and all DICOM files of a patient.

    python tools/prepare_folder.py scans masks data/mine --mask-name '{name}_mask' --group-regex '^(patient[0-9]+)'

Where a mask is a folder of pictures, named as its image, say what each picture is: --instances for one per instance
(nucleus, lesion), whose union is the mask; or --part for each class in order, as in masks/x/lung.png and infection.png:

    python tools/prepare_folder.py images masks data/nuclei --instances
    python tools/prepare_folder.py images masks data/covid --part lung --part infection

The program can be stopped and started again at any time. The list, datalist.json, is written last.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import prepare_options as options
import typer


def prepare(
    images: Annotated[Path, typer.Argument(help="Folder of the images.")],
    masks: Annotated[Path, typer.Argument(help="Folder of the masks; may be the same.")],
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    image_name: Annotated[str, typer.Option(help="What image names look like.")] = "{name}",
    mask_name: Annotated[str, typer.Option(help="What mask names look like, such as '{name}_mask.png'.")] = "{name}",
    instances: Annotated[bool, typer.Option(
        "--instances", help="Each mask is a folder with a picture for each instance.")] = False,
    part: Annotated[list[str] | None, typer.Option(
        help="Each mask is a folder with a picture of this name, without suffix, for class 1; the next for class 2.",
    )] = None,
    groups: options.GroupTable = None,
    group_column: options.GroupColumn = None,
    group_regex: options.GroupRegex = None,
    classes: Annotated[Path | None, typer.Option(
        help="CSV table that names the class of each image; may be that of --groups.")] = None,
    class_column: Annotated[str | None, typer.Option(help="Column of --classes, or --groups, with the class.")] = None,
    window: options.Window = None,
    plane: Annotated[str, typer.Option(help="Slices of volumes: axial, coronal or sagittal.")] = "axial",
    seed: options.Seed = 0,
    shares: options.Shares = options.DEFAULT_SHARES,
    folds: options.Folds = None,
    leave_out_orphans: options.LeaveOutOrphans = False,
) -> None:
    from monai_seg.prepare import prepare_folder

    typer.echo(prepare_folder(
        images, masks, out, image_name=image_name, mask_name=mask_name, window=window, plane=plane,
        mask_folders=options.mask_folders(instances, part or ()),
        groups=options.grouping(groups, group_column, group_regex), leave_out_orphans=leave_out_orphans,
        classes=options.class_table(classes or groups, class_column), dealing=options.dealing(seed, shares, folds)))


prepare.__doc__ = __doc__

if __name__ == "__main__":
    options.start(prepare)
