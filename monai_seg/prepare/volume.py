"""Slices of NIfTI volumes as pictures, rows first, the way a radiologist looks at them.

The volume is first turned by its affine so that its axes run to the patient's right, front and head. A slice is then

| plane      | rows run from   | columns run from | slices are counted from |
|------------|-----------------|------------------|-------------------------|
| `axial`    | front to back   | right to left    | feet to head            |
| `coronal`  | head to feet    | right to left    | back to front           |
| `sagittal` | head to feet    | front to back    | left to right           |

where right and left are the patient's. The size of a voxel is not kept: pictures have no millimetres.

Source:
    NIfTI-1, https://nifti.nimh.nih.gov/nifti-1: x, y and z grow to the patient's right, front and head.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray

from monai_seg.errors import InputError

PLANES = {"axial": 2, "coronal": 1, "sagittal": 0}  # the axis across the plane, after turning


def count_slices(path: Path, plane: str = "axial") -> int:
    """Return the number of slices of the volume ``path``; reads no voxels.

    Raises:
        InputError: not a readable NIfTI volume of three axes, or no such plane.
    """
    image = _open(path)
    axis_of = nibabel.orientations.io_orientation(image.affine)[:, 0]
    return int(image.shape[axis_of.tolist().index(_axis(plane))])


def read_slices(path: Path, plane: str = "axial") -> NDArray:
    """Return the slices (N, H, W) of the volume ``path``, float32, in the unit of the file.

    Raises:
        InputError: as `count_slices`, or the file is damaged.
    """
    axis = _axis(plane)
    try:
        volume = nibabel.as_closest_canonical(_open(path)).get_fdata(dtype=np.float32, caching="unchanged")
    except (OSError, EOFError, ValueError) as error:
        raise InputError(path, f"its voxels cannot be read ({error})", "copy it again from its source") from error
    return np.moveaxis(volume, axis, 0)[:, ::-1, ::-1].swapaxes(1, 2)


def check_same_grid(image: Path, mask: Path) -> None:
    """Refuse a mask whose voxels are not those of the image.

    Raises:
        InputError: shape or affine differ.
    """
    first, second = _open(image), _open(mask)
    if first.shape != second.shape:
        raise InputError(mask, f"has shape {second.shape}, its image {first.shape}", "export the mask again")
    if not np.allclose(first.affine, second.affine, atol=1e-3):
        raise InputError(mask, "lies elsewhere in space than its image (their affines differ)",
                         "export the mask on the grid of its image")


def _axis(plane: str) -> int:
    if plane not in PLANES:
        raise InputError("--plane", f"{plane!r} is no plane", f"choose one of {', '.join(PLANES)}")
    return PLANES[plane]


def _open(path: Path) -> Any:
    try:
        image: Any = nibabel.load(path)
    except (OSError, EOFError, ValueError, nibabel.filebasedimages.ImageFileError) as error:
        raise InputError(path, f"not a readable NIfTI file ({error})", "copy it again from its source") from error
    if len(image.shape) != 3 or 0 in image.shape:
        raise InputError(path, f"has shape {image.shape}, expected three axes", "save each time point or channel alone")
    return image
