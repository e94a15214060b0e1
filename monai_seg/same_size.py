"""An image and its mask must have one size; no crop or resize would notice that they have not."""

from __future__ import annotations

from pathlib import Path

from monai_seg.errors import InputError


def check_same_size(
    image_path: str | Path, image_size: tuple[int, ...], mask_path: str | Path, mask_size: tuple[int, ...]
) -> None:
    """Refuse a mask that is not as large as its image.

    Args:
        image_path, mask_path: named in the error.
        image_size, mask_size: (H, W) in px.

    Raises:
        InputError: they differ.
    """
    if tuple(mask_size) != tuple(image_size):
        raise InputError(mask_path, f"mask is (H, W) {tuple(mask_size)}, image is (H, W) {tuple(image_size)} "
                         f"({image_path})", "re-export the mask, or declare mask_resize: nearest")
