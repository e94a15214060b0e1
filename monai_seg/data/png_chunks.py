"""The chunks of a PNG file: proved by their checksums, and reduced to those that pixels depend on.

One flipped bit in a PNG may decode to other pixels without a word, as Pillow skips the checksums of pixel data. Walking
the chunks ourselves costs one pass of CRC-32, a fraction of a millisecond per MB, tells where the file is damaged or
cut, and keeps text, colour profiles and other private or compressed extras away from the decoder.

Source:
    Portable Network Graphics, third edition, https://www.w3.org/TR/png-3/, section 5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from monai_seg.errors import InputError

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
SKIPPED_IN_HEADERS = (b"IDAT", b"fdAT")
COLOUR_TYPES = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
DAMAGED = "copy it again from its source"


class Chunk(NamedTuple):
    """One chunk: its four-letter kind, its content and the content's checksum (both empty where it was skipped)."""

    kind: bytes
    body: bytes
    crc: bytes


class PngHeader(NamedTuple):
    """What the chunks beside the pixels tell; ``exif`` is the raw content of the eXIf chunk."""

    mode: str
    bits: int
    width: int
    height: int
    frames: int
    transparent_colour: bool
    exif: bytes


def walk_chunks(file: BinaryIO, path: str | Path, skip_pixels: bool = False) -> Iterator[Chunk]:
    """Yield the chunks of a PNG up to IEND.

    Args:
        file: the open file, at its start.
        path: named in errors.
        skip_pixels: pass over pixel data without reading or proving it.

    Raises:
        InputError: a checksum is wrong, or the file ends early.
    """
    file.seek(0, 2)
    size, place = file.tell(), len(SIGNATURE)
    while True:
        file.seek(place)
        head = file.read(8)
        length, kind = struct.unpack(">I4s", head) if len(head) == 8 else (0, b"")
        end = place + 12 + length
        if end > size or not kind:
            raise InputError(path, f"the PNG is cut off: it ends at byte {size} inside a chunk", DAMAGED)
        if skip_pixels and kind in SKIPPED_IN_HEADERS:
            yield Chunk(kind, b"", b"")
        else:
            body, crc = file.read(length), file.read(4)
            if zlib.crc32(body, zlib.crc32(kind)).to_bytes(4, "big") != crc:
                name = kind.decode("ascii", "replace")
                raise InputError(path, f"the PNG is damaged: wrong checksum of chunk {name!r} at byte {place}", DAMAGED)
            yield Chunk(kind, body, crc)
        if kind == b"IEND":
            return
        place = end


def parse_png_header(chunks: list[Chunk], path: str | Path) -> PngHeader:
    """Return the header that ``chunks`` tell.

    Raises:
        InputError: the first chunk is no valid IHDR.
    """
    found = {chunk.kind: chunk.body for chunk in reversed(chunks)}  # of repeated kinds the first counts
    if chunks[0].kind != b"IHDR" or len(chunks[0].body) != 13:
        raise InputError(path, "the PNG is damaged: no IHDR chunk at its start", DAMAGED)
    width, height, bits, colour_type = struct.unpack(">IIBB", chunks[0].body[:10])
    if colour_type not in COLOUR_TYPES or not width or not height or b"IDAT" not in found:
        raise InputError(path, "the PNG is damaged: impossible header, or no pixel data", DAMAGED)
    if COLOUR_TYPES[colour_type] == "P" and b"PLTE" not in found:
        raise InputError(path, "the PNG is damaged: a palette picture without its palette", DAMAGED)
    return PngHeader(
        mode=COLOUR_TYPES[colour_type],
        bits=bits,
        width=width,
        height=height,
        frames=max(1, int.from_bytes(found.get(b"acTL", b"")[:4], "big")),
        transparent_colour=b"tRNS" in found and colour_type != 3,
        exif=found.get(b"eXIf", b""),
    )


def join_pixel_chunks(chunks: list[Chunk]) -> bytes:
    """Return a PNG file of the chunks in `PIXEL_CHUNKS` alone."""
    parts = [SIGNATURE]
    for kind, body, crc in chunks:
        if kind in PIXEL_CHUNKS:
            parts += [struct.pack(">I", len(body)), kind, body, crc]
    return b"".join(parts)
