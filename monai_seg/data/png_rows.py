"""Find a PNG whose pixel stream is whole and yet ends before the last row; Pillow leaves the rest black without a word.

Counting what the stream holds costs as much as decoding it. So the last row is marked beforehand: one that does not
begin with the mark was decoded. Only where it does, or rows are interlaced, the stream is counted.

Source:
    Portable Network Graphics, third edition, https://www.w3.org/TR/png-3/, sections 8.1 (Adam7) and 9.1 (filters).
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from monai_seg.data.png_chunks import DAMAGED, Chunk
from monai_seg.errors import InputError

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
ADAM7 = ((0, 8, 0, 8), (0, 8, 4, 8), (4, 8, 0, 4), (0, 4, 2, 4), (2, 4, 0, 2), (0, 2, 1, 2), (1, 2, 0, 1))
# first row, step, first column, step; the last pass may end above the last row, so its pixels prove nothing
MARK, WHITE = 171, 255  # of 8 bits, and of 1 bit, which has no third value
MARKS = (MARK, MARK * 257, WHITE)  # the second where two bytes become one sample of 16 bits


def mark_rows(image: ImageFile) -> None:
    """Put the mark that `check_rows` looks for into the last row of ``image``, opened and not decoded yet."""
    bands = len(image.getbands())
    mark = WHITE if image.mode == "1" else MARK
    buffer = Image.new(image.mode, image.size)
    buffer.paste(mark if bands == 1 else (mark,) * bands, (0, image.height - 1, image.width, image.height))
    image.im = buffer.im


def check_rows(chunks: list[Chunk], pixels: NDArray, path: str | Path) -> None:
    """Refuse a PNG with fewer rows than its header says.

    Args:
        chunks: of the file, valid by `parse_png_header`.
        pixels: (H, W) or (H, W, C) as decoded after `mark_rows`, rows in the order of the file.
        path: named in errors.

    Raises:
        InputError: the stream ends early.
    """
    width, height, bits, colour_type, *_, interlace = struct.unpack(">IIBBBBB", chunks[0].body)
    if not interlace and pixels[-1].flat[0] not in MARKS:
        return
    expected = stream_bytes(width, height, bits * SAMPLES[colour_type], bool(interlace))
    stream = b"".join(chunk.body for chunk in chunks if chunk.kind == b"IDAT")
    found = len(zlib.decompressobj().decompress(stream, expected))
    if found < expected:
        raise InputError(path, f"the PNG is damaged: it holds {found / expected:.0%} of the pixels of its "
                         f"{height} rows", DAMAGED)


def stream_bytes(width: int, height: int, bits: int, interlaced: bool) -> int:
    """Return the bytes of the unpacked pixel stream: per row a filter's number and ``bits`` for each pixel."""
    passes = ADAM7 if interlaced else ((0, 1, 0, 1),)
    sizes = [(len(range(row, height, rows)), len(range(column, width, columns)))
             for row, rows, column, columns in passes]
    return sum(rows * (1 + (columns * bits + 7) // 8) for rows, columns in sizes if columns)
