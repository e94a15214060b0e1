"""Open pictures with the Pillow decoder of their declared format, and turn whatever it stumbles over into one line.

`PIL.Image.open` is passed by: it would try 40 formats, change what it does with a process-wide pixel limit, and warn.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from monai_seg.errors import InputError

DECODERS: dict[str, type[ImageFile]] = {
    "PNG": PngImageFile, "JPEG": JpegImageFile, "BMP": BmpImageFile, "TIFF": TiffImageFile, "GIF": GifImageFile,
}
# At level DEBUG Pillow logs the content of tags and text, where scanners write patients' names.
logging.getLogger("PIL").setLevel(logging.INFO)


def open_with_pillow(data: bytes | BinaryIO, picture_format: str) -> ImageFile:
    """Return the Pillow image of an open file or a file's content; pixels are not decoded yet."""
    return DECODERS[picture_format](io.BytesIO(data) if isinstance(data, bytes) else data)


@contextmanager
def pillow_failures_named(path: str | Path, picture_format: str) -> Iterator[None]:
    """Raise an `InputError` that names ``path`` for every exception of Pillow inside the block."""
    try:
        if picture_format == "TIFF":  # the one decoder that warns: of odd tags, with their content
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        else:
            yield
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(path, "too large for the free memory", "free memory, or lower max_pixels") from error
    except Exception as error:  # its parsers raise OSError, SyntaxError, struct.error, KeyError and more
        raise InputError(path, f"the {picture_format} is damaged or cut off ({error or type(error).__name__})",
                         "copy it again from its source, or export it as PNG") from error
