"""Masks in several binary files: one per class, or one per instance of the one foreground class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.binary_mask import BinaryMask
from monai_seg.data.mask_kind import (
    MAX_CLASSES,
    MaskItem,
    MaskKind,
    check_mask,
    check_option,
    check_whole_number,
    save_png,
)
from monai_seg.data.picture import Picture, load_picture
from monai_seg.data.picture_header import MAX_PIXELS
from monai_seg.errors import InputError

PER = ("class", "instance")
OVERLAPS = ("later", "refuse")


@dataclass(frozen=True)
class FilesMask(MaskKind):
    """Several binary pictures of one size.

    With ``per`` "class" an item lists the files of the classes 1, 2, ... in this order; the background has none.
    Where two overlap, the later one lies on top (infection in lung, say), unless ``overlap`` is "refuse".
    With ``per`` "instance" an item lists the files of the instances, or is the folder that holds them (and nothing
    else; hidden files do not count); their union is class 1. Which instance a pixel belongs to is not kept, so a mask
    is written as one file.

    Args:
        per: "class" or "instance".
        classes: number of classes, background included; 2 for instances.
        overlap: "later" or "refuse"; instances may always overlap.
        foreground, threshold, alpha: of each file, as `BinaryMask`.
    """

    per: str
    classes: int = 2
    overlap: str = "later"
    foreground: int = 255
    threshold: int | None = None
    alpha: str = "refuse"

    def __post_init__(self) -> None:
        check_option("per", self.per, PER)
        check_option("overlap", self.overlap, OVERLAPS)
        check_whole_number("classes", self.classes, 2, 2 if self.per == "instance" else MAX_CLASSES)
        _ = self.binary  # checks the rest

    @cached_property
    def binary(self) -> BinaryMask:
        """How each file is stored."""
        return BinaryMask(self.foreground, self.threshold, self.alpha)

    def load(self, item: MaskItem, max_pixels: int = MAX_PIXELS) -> Iterator[Picture]:
        """Read the files one by one, as hundreds of instances need not be in memory at once."""
        return (load_picture(path, max_pixels) for path in self._paths(item))

    def decode(self, source: Iterable[Picture]) -> NDArray[np.uint8]:
        pictures = iter(source)
        first = next(pictures)
        mask = self.binary.decode(first)
        for number, picture in enumerate(pictures, 2):
            if picture.header.size != first.header.size:
                raise InputError(picture.path, f"mask is (H, W) {picture.header.size}, {first.path} is "
                                 f"{first.header.size}", "re-export the masks in one size")
            part = self.binary.decode(picture) > 0
            if self.per == "class" and self.overlap == "refuse" and np.any(mask[part]):
                raise InputError(picture.path, f"{np.count_nonzero(mask[part]):,} pixels have an earlier class too",
                                 'mend the masks, or declare "overlap": "later"')
            mask[part] = number if self.per == "class" else 1
        return mask

    def encode(self, mask: NDArray) -> list[Image.Image]:
        mask = check_mask(mask, self.classes)
        return [self.binary.encode(mask == class_id) for class_id in range(1, self.classes)]

    def save(self, item: MaskItem, encoded: Sequence[Image.Image]) -> None:
        paths = [item] if isinstance(item, str | Path) else list(item)
        if len(paths) != len(encoded):
            raise InputError(str(paths[0]) if paths else "label", f"{len(paths)} files to write {len(encoded)} classes "
                             "to (the background has none)", "name one file per class in order")
        for path, image in zip(paths, encoded, strict=True):
            save_png(str(path), image)

    def _paths(self, item: MaskItem) -> list[str]:
        paths = [str(item)] if isinstance(item, str | Path) else [str(path) for path in item]
        if self.per == "class":
            if len(paths) != self.classes - 1:
                raise InputError(paths[0] if paths else "label", f"{len(paths)} mask files, expected "
                                 f"{self.classes - 1} (one per class, none for the background)",
                                 "list the files of the classes 1, 2, ... in order")
            return paths
        if len(paths) == 1 and Path(paths[0]).is_dir():
            return _files_in(Path(paths[0]))
        if not paths:
            raise InputError("label", "an empty list of mask files", "list an all-black mask where nothing is there")
        return paths


def _files_in(folder: Path) -> list[str]:
    files = sorted(str(path) for path in folder.iterdir() if not path.name.startswith("."))
    if not files:
        raise InputError(folder, "no mask files in the folder", "put an all-black mask there if nothing is there")
    return files
