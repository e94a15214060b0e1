"""Find a JPEG, BMP, TIFF or GIF that lacks its last bytes, where the decoder would not miss them.

Pillow notices when pixels are missing. What it overlooks is the end mark, the padding or the directory's last bytes:
harmless to pixels, but a file that was cut is a copy that failed. A PNG is proved by its checksums instead.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

from monai_seg.errors import InputError


def check_end(data: bytes, picture_format: str, path: str | Path) -> None:
    """Refuse a file that is cut.

    Raises:
        InputError: ``data``, the content of ``path``, ends early.
    """
    try:
        whole = _IS_WHOLE[picture_format](data)
    except struct.error:  # a field lies behind the end
        whole = False
    if not whole:
        raise InputError(path, f"the {picture_format} is cut off: it ends at byte {len(data)}",
                         "copy it again from its source")


def _jpeg_is_whole(data: bytes) -> bool:
    return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")  # the end mark stands behind the last scan


def _gif_is_whole(data: bytes) -> bool:
    return b"\0;" in data[-1024:]  # the last block's end and the trailer; some programs pad behind it


def _bmp_is_whole(data: bytes) -> bool:
    start, header_bytes = struct.unpack_from("<II", data, 10)
    if header_bytes < 40:
        return True  # OS/2 1.x: left to the decoder
    width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    row_bytes = (width * bits + 31) // 32 * 4
    return compression in (1, 2) or len(data) >= start + row_bytes * abs(height)  # 1 and 2 are run lengths


def _tiff_is_whole(data: bytes) -> bool:
    order = "<" if data[:2] == b"II" else ">"
    if struct.unpack_from(order + "H", data, 2)[0] != 42:
        return True  # BigTIFF: left to the decoder
    place = struct.unpack_from(order + "I", data, 4)[0]
    entries = struct.unpack_from(order + "H", data, place)[0]
    return len(data) >= place + 2 + 12 * entries + 4


_IS_WHOLE: dict[str, Callable[[bytes], bool]] = {
    "PNG": lambda data: True, "JPEG": _jpeg_is_whole, "BMP": _bmp_is_whole, "TIFF": _tiff_is_whole,
    "GIF": _gif_is_whole,
}
