"""A label of its image's size: checked, or resized where that is declared."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import torch
from monai.transforms import MapTransform, Resize
from monai.utils import ImageMetaKey
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.same_size import check_same_size

RESIZES = (None, "nearest")


class MatchLabeld(MapTransform):
    """Checks that the label is as large as the image, right after both are read.

    Args:
        image_key: image, (C, H, W).
        label_key: label, (1, H, W) class ids. A case without one passes through.
        mask_resize: None refuses a label of another size; "nearest" resizes it to the image's. A label of the image's
            size with H and W swapped is refused either way: that is a transposed mask, not a smaller one.

    Raises:
        InputError: the sizes differ; or ``mask_resize`` is none of the choices.
    """

    def __init__(self, image_key: str = "image", label_key: str = "label", mask_resize: str | None = None) -> None:
        super().__init__([label_key], allow_missing_keys=True)
        if mask_resize not in RESIZES:
            raise InputError("MatchLabeld", f"mask_resize is {mask_resize!r}",
                             f"choose one of {', '.join(map(repr, RESIZES))}")
        self.image_key, self.label_key, self.mask_resize = image_key, label_key, mask_resize

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        sample = dict(data)
        if self.label_key not in sample:
            return sample
        image, label = sample[self.image_key], sample[self.label_key]
        image_size, label_size = tuple(image.shape[-2:]), tuple(label.shape[-2:])
        if image_size != label_size:
            self._refuse(_name(image, self.image_key), image_size, _name(label, self.label_key), label_size)
            sample[self.label_key] = resize_label(label, image_size)
        return sample

    def _refuse(self, image: str, image_size: tuple[int, ...], label: str, label_size: tuple[int, ...]) -> None:
        if self.mask_resize is None:
            check_same_size(image, image_size, label, label_size)
        if label_size == image_size[::-1]:
            raise InputError(label, f"mask is (H, W) {label_size}, image is {image_size} ({image}): transposed",
                             "re-export the mask rows first")


def resize_label(label: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the label (1, H, W) at ``size`` (H, W): each pixel takes the class at its centre, the type stays.

    Nearest by pixel centres; torch's plain "nearest" would shift the mask by up to half a pixel.
    """
    resized = Resize(size, mode="nearest-exact", dtype=torch.float32)(label)
    return resized.to(label.dtype)


def _name(array: Any, key: str) -> str:
    return str(getattr(array, "meta", {}).get(ImageMetaKey.FILENAME_OR_OBJ, key))
