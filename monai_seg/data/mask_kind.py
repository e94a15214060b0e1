"""What every kind of mask encoding can do, and the checks that their options share."""

from __future__ import annotations

import io
import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.picture import Picture, load_picture
from monai_seg.data.picture_header import MAX_PIXELS
from monai_seg.durable import write_durably
from monai_seg.errors import InputError

MaskItem = str | Sequence[str]
MAX_CLASSES = 255  # the byte 255 is kept for "undeclared" while decoding
ALPHAS = ("refuse", "drop")


class MaskKind(ABC):
    """A declared way to store masks. ``classes`` is the number of class ids, background included.

    The four steps are apart so that decoding and encoding touch no file: item → `load` → `decode` → mask, and
    mask → `encode` → `save` → item. An item is what a data list has as ``label``.
    """

    classes: int

    @abstractmethod
    def load(self, item: MaskItem, max_pixels: int = MAX_PIXELS) -> Any:
        """Read the files of ``item``."""

    @abstractmethod
    def decode(self, source: Any) -> NDArray[np.uint8]:
        """Return the (H, W) class ids of what `load` gave."""

    @abstractmethod
    def encode(self, mask: NDArray) -> Any:
        """Return what `save` stores for the (H, W) class ids of ``mask``."""

    @abstractmethod
    def save(self, item: MaskItem, encoded: Any) -> None:
        """Write what `encode` gave; each file is the old one or the new one, never half of both."""


class PictureMask(MaskKind):
    """A mask that is one picture file; it is written as PNG."""

    def load(self, item: MaskItem, max_pixels: int = MAX_PIXELS) -> Picture:
        return load_picture(one_path(item), max_pixels)

    def save(self, item: MaskItem, encoded: Image.Image) -> None:
        save_png(one_path(item), encoded)


def one_path(item: MaskItem) -> str:
    """Return the only path of ``item``.

    Raises:
        InputError: there are several.
    """
    paths = [item] if isinstance(item, str | Path) else list(item)
    if len(paths) != 1:
        raise InputError(str(paths[0]) if paths else "label", f"a list of {len(paths)} files, this encoding takes one",
                         'declare "kind": "files" for a mask in several files')
    return str(paths[0])


def save_png(path: str, image: Image.Image) -> None:
    """Write ``image`` as PNG, durably.

    Raises:
        InputError: the name does not end in .png, or the file system refuses.
    """
    if Path(path).suffix.lower() != ".png":
        raise InputError(path, "masks are written as PNG only", "let the name end in .png")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_type=zlib.Z_RLE)  # as small for masks as zlib's default, in a third of its time
    write_durably(path, lambda file: file.write(buffer.getbuffer()))


def grey_image(pixels: NDArray) -> Image.Image:
    """Return (H, W) grey values as an 8-bit image, or a 16-bit one where a value is above 255."""
    return Image.fromarray(pixels.astype(np.uint16 if pixels.max(initial=0) > 255 else np.uint8, copy=False))


def look_up(ids: NDArray[np.uint8], table: NDArray) -> NDArray:
    """Return ``table[ids]`` for (H, W) ``ids``, in little memory: numpy would hold eight bytes for each of them."""
    found = np.empty(ids.shape + table.shape[1:], table.dtype)
    for row, some in zip(found, ids, strict=True):
        row[:] = table[some]
    return found


def check_mask(mask: NDArray, classes: int) -> NDArray[np.uint8]:
    """Return ``mask`` as uint8.

    Raises:
        ValueError: it is not (H, W) with at least one pixel, or not whole numbers 0..classes-1; a fault of the caller.
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.size == 0 or mask.dtype.kind not in "bui":
        raise ValueError(f"mask must be (H, W) class ids in whole numbers, got {mask.shape} {mask.dtype}")
    if mask.min() < 0 or mask.max() >= classes:
        raise ValueError(f"mask must hold class ids 0..{classes - 1}, got {mask.min()}..{mask.max()}")
    return mask.astype(np.uint8, copy=False)


def check_option(name: str, value: object, choices: Sequence[str]) -> None:
    """Refuse an option that is none of its choices."""
    if value not in choices:
        raise InputError("mask encoding", f'"{name}" is {value!r}', f"choose one of {', '.join(map(repr, choices))}")


def check_whole_number(name: str, value: object, lowest: int, highest: int) -> None:
    """Refuse an option that is no whole number from ``lowest`` to ``highest``."""
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise InputError("mask encoding", f'"{name}" is {value!r}', f"give a whole number from {lowest} to {highest}")


def check_colour(name: str, value: object) -> None:
    """Refuse an option that is no list of red, green and blue, each 0..255."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 3:
        raise InputError("mask encoding", f'"{name}" is {value!r}', "give red, green and blue, say [255, 0, 0]")
    for part in value:
        check_whole_number(name, part, 0, 255)
