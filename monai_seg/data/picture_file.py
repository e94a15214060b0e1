"""Open a file and tell from its first bytes which of the five picture formats it holds, whatever its name ends in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from monai_seg.errors import InputError

FIRST_BYTES = {
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "JPEG": (b"\xff\xd8\xff",),
    "BMP": (b"BM",),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),  # the last two are BigTIFF
    "GIF": (b"GIF87a", b"GIF89a"),
}
FOREIGN_BYTES = {  # (offset, bytes): what the user most probably has there, and what mends it
    (128, b"DICM"): ("a DICOM file", "export it as PNG"),
    (0, b"\x1f\x8b"): ("a gzip file, perhaps NIfTI", "export it as PNG"),
    (0, b"\0\0\0\x0cjP"): ("a JPEG 2000 file", "convert it to PNG"),
    (0, b"RIFF"): ("a WebP or other RIFF file", "convert it to PNG"),
    (0, b"version https://git-lfs"): ("a Git LFS pointer, not the picture itself", "run git lfs pull"),
    (0, b"PK\x03\x04"): ("a zip archive", "unpack it"),
    (0, b"%PDF"): ("a PDF file", "export its pictures as PNG"),
    (0, b"<"): ("a text file in XML or HTML", "download the picture itself"),
}
HEAD_BYTES = 132  # as far as the last of FOREIGN_BYTES reaches


def open_picture_file(path: str | Path) -> BinaryIO:
    """Open ``path`` for reading.

    Raises:
        InputError: there is no such file; it is a folder, empty, or may not be read.
    """
    try:
        file = open(path, "rb")  # noqa: SIM115  (handed to the caller)
    except FileNotFoundError as error:
        raise InputError(path, "no such file", "restore it, or take the case off the list") from error
    except IsADirectoryError as error:
        raise _is_folder(path) from error
    except OSError as error:  # opening a folder is a PermissionError on Windows
        if os.path.isdir(path):
            raise _is_folder(path) from error
        raise InputError(path, f"cannot be opened ({error.strerror or error})", "mend its permissions") from error
    if os.fstat(file.fileno()).st_size == 0:
        file.close()
        raise InputError(path, "the file is empty (0 bytes)", "copy it again from its source")
    return file


def picture_format(head: bytes, path: str | Path) -> str:
    """Return "PNG", "JPEG", "BMP", "TIFF" or "GIF" from ``head``, the file's first `HEAD_BYTES` bytes.

    Raises:
        InputError: it is none of them.
    """
    for name, starts in FIRST_BYTES.items():
        if head.startswith(starts):
            return name
    for (offset, start), (what, mend) in FOREIGN_BYTES.items():
        if head.startswith(start, offset):
            raise InputError(path, f"expected a picture, got {what}", mend)
    raise InputError(path, f"not a picture in {', '.join(FIRST_BYTES)}", "export it as PNG")


def _is_folder(path: str | Path) -> InputError:
    return InputError(path, "is a folder, expected a picture file", "name the file inside it")
