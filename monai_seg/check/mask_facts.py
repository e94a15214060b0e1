"""What one pass over a mask tells: its size, and its classes where the encoding is declared, else its raw values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monai_seg.check.case import Label
from monai_seg.check.mask_values import MaskValues, grey_counts, mask_values
from monai_seg.data.mask_kind import MaskKind
from monai_seg.data.picture import load_picture
from monai_seg.data.rle_table import MARK, read_rle_rows, split_item
from monai_seg.errors import InputError

MIDDLE, GREY_LEVELS = 127, 255
MOST_LISTED = 32  # files of a list that may be classes; more are instances


@dataclass(frozen=True)
class MaskFacts:
    """Facts of a mask.

    Args:
        storage: "file", "files" or "rle".
        modes: of its files, say ("L 8-bit PNG",).
        size: (H, W) in px; None where only the encoding would tell (run lengths).
        classes: pixels per class id; None where no encoding was declared.
        values: the raw values; None where an encoding was declared.
        files: number of files.
        levels: of a mask in several files, the grey values other than 0 in any of them; ``values`` are then the places
            of the files in their list, from 1 on (1 for all where they are instances), later files on top.
    """

    storage: str
    modes: tuple[str, ...]
    size: tuple[int, int] | None
    classes: Mapping[int, int] | None = None
    values: MaskValues | None = None
    files: int = 1
    levels: tuple[int, ...] = ()


def mask_facts(label: Label, kind: MaskKind | None) -> MaskFacts:
    """Read the mask ``label`` once.

    Args:
        label: as `CheckedCase.label`.
        kind: the declared encoding, or None to look at raw values.

    Raises:
        InputError: what `MaskKind.load` and `MaskKind.decode` refuse.
    """
    if kind is not None:
        item = label if isinstance(label, str) else list(label)
        mask = kind.decode(kind.load(item))
        return MaskFacts(_storage(label), (), mask.shape, classes=grey_counts(mask))
    if _storage(label) == "rle":
        read_rle_rows(*split_item(str(label)))
        return MaskFacts("rle", (), None)
    if _storage(label) == "files":
        return _several_files(label)
    picture = load_picture(str(label))
    header = picture.header
    return MaskFacts("file", (f"{header.mode} {header.bits}-bit {header.format}",), header.size,
                     values=mask_values(picture))


def _several_files(label: Label) -> MaskFacts:
    """Return the facts of all files laid over each other: a pixel counts where it is brighter than half of 255, or 1
    where a file's highest value is 1."""
    paths = _files_of(label)
    is_listed = isinstance(label, tuple) and len(label) <= MOST_LISTED
    ids: NDArray[np.uint8] | None = None
    levels: set[int] = set()
    modes: dict[str, None] = {}
    for number, path in enumerate(paths, 1):
        picture = load_picture(path)
        values = mask_values(picture)
        if values.storage != "grey":
            raise InputError(path, "is coloured; of a mask in several files each must be grey", "export it as grey PNG")
        pixels = picture.pixels if picture.palette is None else picture.palette[:, 0][picture.pixels]
        grey = pixels if pixels.ndim == 2 else pixels[..., 0]
        part = grey > (0 if int(grey.max()) <= 1 else MIDDLE)
        ids = np.zeros(part.shape, np.uint8) if ids is None else ids
        if part.shape != ids.shape:
            raise InputError(path, f"mask is (H, W) {part.shape}, {paths[0]} is {ids.shape}",
                             "re-export the masks in one size")
        ids[part] = number if is_listed else 1
        step = GREY_LEVELS // (2**values.bits - 1) if values.bits < 8 else 1
        levels.update(value * step for value in values.counts if value)
        modes[f"{picture.header.mode} {picture.header.bits}-bit {picture.header.format}"] = None
    assert ids is not None
    return MaskFacts("files", tuple(modes), ids.shape, values=MaskValues("grey", grey_counts(ids)), files=len(paths),
                     levels=tuple(sorted(levels)))


def _files_of(label: Label) -> list[str]:
    if isinstance(label, str) and Path(label).is_dir():
        files = sorted(str(path) for path in Path(label).iterdir() if not path.name.startswith("."))
        if not files:
            raise InputError(label, "no mask files in the folder", "put an all-black mask there if nothing is there")
        return files
    return [label] if isinstance(label, str) else list(label)


def _storage(label: Label) -> str:
    if isinstance(label, tuple):
        return "files"
    if MARK in label and not Path(label).exists():
        return "rle"
    return "files" if Path(label).is_dir() else "file"
