"""PNG pictures: sound from the first byte to the last, of a size that a viewer survives."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.limits import PICTURE_BYTES, PICTURE_PIXELS

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MEND = "export it as PNG again"


def check_picture(file: str, data: memoryview) -> Iterator[Finding]:
    """Refuse what is no PNG, is damaged, too large, or has something behind its end."""
    if bytes(data[:8]) != SIGNATURE or len(data) > PICTURE_BYTES:
        yield Finding(file, "", f"is no PNG of at most {PICTURE_BYTES} bytes", MEND)
        return
    place, kind = 8, b""
    while place + 12 <= len(data) and kind != b"IEND":
        length, kind = struct.unpack(">I4s", data[place:place + 8])
        end = place + 12 + length
        if end > len(data) or zlib.crc32(data[place + 4:end - 4]) != int.from_bytes(data[end - 4:end], "big"):
            yield Finding(file, f"byte {place}", "is damaged", MEND)
            return
        if place == 8:
            width, height = struct.unpack(">2I", data[16:24]) if kind == b"IHDR" and length == 13 else (0, 0)
            if not 0 < width * height <= PICTURE_PIXELS:
                yield Finding(file, "", f"is {width} x {height} pixels; up to {PICTURE_PIXELS} are allowed", MEND)
                return
        place = end
    if kind != b"IEND" or place != len(data):
        yield Finding(file, f"byte {place}", "has something behind its end, or no end", MEND)
