"""Mask encodings, declared and never guessed: a plain dictionary says how a data set stores its masks.

| kind      | the dictionary beside ``"kind"``                                   | a label is                          |
|-----------|--------------------------------------------------------------------|-------------------------------------|
| `binary`  | ``"foreground": 255`` or ``"threshold": 127``                      | a grey picture                      |
| `index`   | ``"classes": 3``, ``"values": {"0": 0, "128": 1, "255": 2}``       | a grey picture                      |
| `palette` | ``"classes": 4``, ``"colours": [[0, 0, 0], ...]``                  | a palette picture                   |
| `colours` | ``"table": {"0": [0, 0, 0], ...}``, ``"tolerance": 0``             | a colour picture                    |
| `files`   | ``"per": "class"``, ``"classes": 3``; or ``"per": "instance"``     | a list of files, or a folder        |
| `rle`     | ``"height": 1024, "width": 1024``                                  | ``"<path of csv>::<image id>"``     |

The options are the arguments of the classes in `KINDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.data.binary_mask import BinaryMask
from monai_seg.data.colour_mask import ColourMask
from monai_seg.data.files_mask import FilesMask
from monai_seg.data.index_mask import IndexMask
from monai_seg.data.mask_kind import MaskKind
from monai_seg.data.palette_mask import PaletteMask
from monai_seg.data.rle_mask import RleMask
from monai_seg.errors import InputError

KINDS: Mapping[str, type[MaskKind]] = MappingProxyType({
    "binary": BinaryMask, "index": IndexMask, "palette": PaletteMask, "colours": ColourMask, "files": FilesMask,
    "rle": RleMask,
})
MaskEncoding = Mapping[str, Any]


def parse_encoding(encoding: MaskEncoding) -> MaskKind:
    """Return the mask kind that ``encoding`` declares; its ``classes`` is the number of class ids.

    Raises:
        InputError: no such kind, an unknown, missing or impossible option.
    """
    kind = encoding.get("kind") if isinstance(encoding, Mapping) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise InputError("mask encoding", f'"kind" is {kind!r}', f"choose one of {', '.join(map(repr, KINDS))}")
    known = {field.name: field for field in fields(KINDS[kind])}  # type: ignore[arg-type]
    options = {name: value for name, value in encoding.items() if name != "kind"}
    for name in options:
        if name not in known:
            raise InputError("mask encoding", f'kind "{kind}" has no option {name!r}',
                             f"choose from {', '.join(known)}")
    for name, field in known.items():
        if field.default is MISSING and name not in options:
            raise InputError("mask encoding", f'kind "{kind}" needs the option "{name}"', "declare it")
    return KINDS[kind](**options)


def decode_mask(source: Any, encoding: MaskEncoding | MaskKind) -> NDArray[np.uint8]:
    """Return the (H, W) class ids 0..classes-1 of a mask.

    Args:
        source: a `Picture`; for "files" a list of them; for "rle" `RleRows`.
        encoding: the declaration.

    Raises:
        InputError: the encoding is impossible, or a pixel does not fit it; names the file, the values and the count.
    """
    return _kind(encoding).decode(source)


def encode_mask(mask: NDArray, encoding: MaskEncoding | MaskKind) -> Any:
    """Return what stores the (H, W) class ids: a Pillow image; for "files" a list of them; for "rle" `RleRows`.

    Raises:
        InputError: the encoding is impossible.
        ValueError: ``mask`` is not (H, W), or has ids that the encoding does not.
    """
    return _kind(encoding).encode(mask)


def _kind(encoding: MaskEncoding | MaskKind) -> MaskKind:
    return encoding if isinstance(encoding, MaskKind) else parse_encoding(encoding)
