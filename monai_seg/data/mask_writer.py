"""Write masks the way a data set stores them; `MaskReader` with the same encoding gives the same pixels back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from numpy.typing import NDArray

from monai_seg.data.mask_encodings import MaskEncoding, parse_encoding


def write_mask(path: str | Path | Sequence[str | Path], mask: NDArray, encoding: MaskEncoding) -> None:
    """Write (H, W) class ids. Each file is written beside and renamed, so none is ever half written.

    Args:
        path: a PNG file; for "files" per class a list of PNG files, per instance one file; for "rle" the string
            ``"<path of csv>::<image id>"``, which adds a row.
        mask: (H, W) class ids 0..classes-1.
        encoding: the declaration.

    Raises:
        InputError: the encoding is impossible, a name does not end in .png, a table has a row of this image already, or
            the file system refuses.
        ValueError: ``mask`` is not (H, W), or has ids that the encoding does not.
    """
    kind = parse_encoding(encoding)
    item = str(path) if isinstance(path, str | Path) else [str(part) for part in path]
    kind.save(item, kind.encode(mask))
