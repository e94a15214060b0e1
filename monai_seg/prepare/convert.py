"""One image with its mask, as picture, DICOM or NIfTI, to PNG pairs: one pair, or one for each slice of a volume."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.mask_kind import save_png
from monai_seg.data.picture import load_picture
from monai_seg.errors import InputError
from monai_seg.prepare.claim import is_done
from monai_seg.prepare.copy_files import copy_file
from monai_seg.prepare.dicom import read_class_ids, read_dicom
from monai_seg.prepare.lesion import lesion_class
from monai_seg.prepare.named_files import kind_of, split_suffix
from monai_seg.prepare.volume import check_same_grid, count_slices, read_slices
from monai_seg.prepare.window import Window, apply_window, as_class_ids

IMAGES, MASKS = "images", "masks"


@dataclass(frozen=True)
class Converter:
    """How files become PNG pairs below ``out``.

    Args:
        out: pairs go to ``out/images`` and ``out/masks``; a picture that lies below ``out`` is left where it is.
        window: values that become 0 and 255; needed for volumes, and for DICOM files of more than 8 bits.
        plane: of the slices of volumes, see `monai_seg.prepare.volume`.
    """

    out: Path
    window: Window | None = None
    plane: str = "axial"

    def __call__(self, name: str, image: Path, mask: Path) -> list[dict[str, Any]]:
        """Write what is lacking for the case ``name`` and return its cases: ``image``, ``label``, ``class``.

        ``class`` is 1 where the mask shows anything, else 0.

        Raises:
            InputError: a file cannot be read; no window, but one is needed; image and mask do not go together.
        """
        if (kind_of(image) == "volume") != (kind_of(mask) == "volume"):
            raise InputError(mask, f"is no mask for {image.name}: one is a volume, the other is not",
                             "give volumes masks that are volumes")
        if kind_of(image) == "volume":
            return self._convert_volume(name, image, mask)
        return [_case(self.convert_image(name, image), self._convert_mask(name, mask))]

    def convert_image(self, name: str, image: Path) -> Path:
        """Write the image, a picture or a DICOM file, if it is lacking, and return where it is."""
        if kind_of(image) == "picture":
            return self._keep_or_copy(image, IMAGES, name)
        target = self._target(IMAGES, name)
        if not is_done(target, image):
            _save(target, read_dicom(image, self.window))
        return target

    def _convert_mask(self, name: str, mask: Path) -> Path:
        if kind_of(mask) == "picture":
            return self._keep_or_copy(mask, MASKS, name)
        target = self._target(MASKS, name)
        if not is_done(target, mask):
            _save(target, read_class_ids(mask))
        return target

    def _convert_volume(self, name: str, image: Path, mask: Path) -> list[dict[str, Any]]:
        if self.window is None:
            raise InputError(image, "is a volume, whose values need a window to become 8 bits",
                             "give --window LOW HIGH")
        check_same_grid(image, mask)
        names = [f"{name}_{index:04d}" for index in range(count_slices(image, self.plane))]
        images, masks = ([self._target(part, own) for own in names] for part in (IMAGES, MASKS))
        if not all(is_done(target, image) for target in images):
            for target, values in zip(images, read_slices(image, self.plane), strict=True):
                _save(target, apply_window(values, self.window))
        if not all(is_done(target, mask) for target in masks):
            for target, values in zip(masks, read_slices(mask, self.plane), strict=True):
                _save(target, as_class_ids(values, mask))
        return [_case(*pair) for pair in zip(images, masks, strict=True)]

    def _keep_or_copy(self, path: Path, part: str, name: str) -> Path:
        if path.resolve().is_relative_to(self.out.resolve()):
            return path.absolute()
        target = self.out / part / f"{name}{split_suffix(path.name)[1]}"
        copy_file(path, target)
        return target.absolute()

    def _target(self, part: str, name: str) -> Path:
        return (self.out / part / f"{name}.png").absolute()


def highest_class(mask: Path) -> int:
    """Return the highest grey value of the mask that a `Converter` wrote."""
    return int(load_picture(mask).pixels.max())


def _case(image: Path, mask: Path) -> dict[str, Any]:
    return {"image": image, "label": mask, "class": lesion_class(mask, image)}


def _save(target: Path, pixels: NDArray[np.uint8]) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(target.parent, f"cannot be made ({error.strerror})",
                         "mend permissions, or name another folder") from error
    save_png(str(target), Image.fromarray(np.ascontiguousarray(pixels)))
