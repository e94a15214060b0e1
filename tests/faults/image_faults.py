"""Image files that cannot be used, read as a bundle reads them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from fault import Fault
from PIL import Image
from png_parts import SIGNATURE, chunk, deep_png, file_of, header, stored

from monai_seg.data import PictureReader

GREY = np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)
COLOUR = np.random.default_rng(1).integers(0, 256, (16, 16, 3), dtype=np.uint8)
PNG = stored(GREY)
ROWS = zlib.compress(b"".join(b"\0" + row.tobytes() for row in GREY))
END = chunk(b"IEND", b"")
IDAT = chunk(b"IDAT", ROWS)


def read(path: Path, mode: str = "L", **options: object) -> object:
    """Read ``path`` by the two calls that MONAI's `LoadImage` makes."""
    reader = PictureReader(mode, **options)  # type: ignore[arg-type]
    return reader.get_data(reader.read(str(path)))  # type: ignore[arg-type]


def image_faults() -> list[Fault]:
    """Return the faults of image files."""
    faults = [_content(name, content) for name, content in _contents().items()]
    faults += [
        Fault("no such image", lambda folder: read(folder / "x.png"), "x.png"),
        Fault("a folder named as an image", lambda folder: read(_made(folder / "x.png")), "x.png"),
        Fault("two files for one image", lambda folder: PictureReader("L").get_data(
            [_write(folder / "x.png", PNG), _write(folder / "y.png", PNG)]), "x.png"),
        Fault("more pixels than allowed", lambda folder: read(_write(folder / "x.png", PNG), max_pixels=255), "x.png"),
        Fault("unknown image mode", lambda folder: PictureReader("CMYK"), "CMYK"),
        Fault("unknown depth", lambda folder: PictureReader("L", depth=12), "12"),
        Fault("unknown treatment of alpha", lambda folder: PictureReader("L", alpha="keep"), "keep"),
    ]
    return faults


def _contents() -> dict[str, bytes]:
    return _foreign() | _broken_png() | _other_formats()


def _foreign() -> dict[str, bytes]:
    return {
        "an empty file": b"",
        "random bytes": bytes(range(1, 200)),
        "a web page": b"<html>not found</html>",
        "a DICOM file": bytes(128) + b"DICM" + bytes(50),
        "a gzip file": b"\x1f\x8b" + bytes(60),
        "a JPEG 2000 file": b"\0\0\0\x0cjP  " + bytes(60),
        "a WebP file": b"RIFF" + bytes(60),
        "a Git LFS pointer": b"version https://git-lfs.github.com/spec/v1\n",
        "a zip archive": b"PK\x03\x04" + bytes(60),
        "a PDF": b"%PDF-1.7" + bytes(60),
    }


def _broken_png() -> dict[str, bytes]:
    flipped = bytearray(PNG)
    flipped[PNG.index(b"IDAT") + 20] ^= 1
    head = bytearray(PNG)
    head[18] ^= 1
    deep = deep_png(GREY.astype(np.uint16) * 257)
    place = deep.index(b"IDAT") - 4
    short = chunk(b"IDAT", zlib.compress(b"\0" * 17 * 5))
    interlaced = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 1))
    animation = chunk(b"acTL", (2).to_bytes(4, "big") + bytes(4))
    return {
        "a PNG cut in half": PNG[: len(PNG) // 2],
        "a PNG without its last bytes": PNG[:-4],
        "a PNG without end": PNG[:-12],
        "a PNG of its signature alone": SIGNATURE,
        "a PNG with a flipped bit in its pixels": bytes(flipped),
        "a PNG with a flipped bit in its header": bytes(head),
        "a PNG without pixels": file_of(header(), END),
        "a PNG without header": file_of(IDAT, END),
        "a PNG of no width": file_of(header(width=0), IDAT, END),
        "a PNG of an unknown colour type": file_of(header(colour_type=5), IDAT, END),
        "a PNG of 3 bits": file_of(header(bits=3), IDAT, END),
        "a PNG with rubbish for pixels": file_of(header(), chunk(b"IDAT", b"rubbish" * 9), END),
        "a PNG with too few rows": file_of(header(), short, END),
        "a PNG without its last row": file_of(header(), chunk(b"IDAT", zlib.compress(b"\0" * 17 * 15)), END),
        "a palette PNG with too few rows": file_of(header(colour_type=3), chunk(b"PLTE", bytes(768)), short, END),
        "an interlaced PNG with too few passes": file_of(interlaced, short, END),
        "a PNG that claims 10 gigapixels": file_of(header(100_000, 100_000), IDAT, END),
        "a PNG with a chunk longer than the file": file_of(header(), (1 << 30).to_bytes(4, "big") + b"IDATxxxx"),
        "an animated PNG": file_of(header(), animation, IDAT, END),
        "a palette PNG without palette": file_of(header(colour_type=3), IDAT, END),
        "a 16-bit PNG where 8 are declared": deep,
        "a 16-bit PNG with a transparent colour": deep[:place] + chunk(b"tRNS", b"\0\1") + deep[place:],
    }


def _other_formats() -> dict[str, bytes]:
    grey, colour = Image.fromarray(GREY), Image.fromarray(COLOUR)
    jpeg, bmp, tiff, gif = (stored(colour, kind) for kind in ("JPEG", "BMP", "TIFF", "GIF"))
    frames = {"save_all": True, "append_images": [Image.fromarray(GREY.T.copy())]}
    return {
        "a JPEG cut off": jpeg[: len(jpeg) // 2],
        "a JPEG without its end mark": jpeg[:-2],
        "a BMP cut off": bmp[:-100],
        "a TIFF cut off": tiff[:-40],
        "a GIF cut off": gif[: len(gif) // 2],
        "an animated GIF": stored(grey, "GIF", **frames),
        "a TIFF of two pages": stored(grey, "TIFF", **frames),
        "a TIFF of floats": stored(GREY.astype(np.float32), "TIFF"),
        "a TIFF of 32-bit integers": stored(GREY.astype(np.int32), "TIFF"),
        "a CMYK JPEG": stored(colour.convert("CMYK"), "JPEG"),
        "a Lab TIFF": stored(colour.convert("LAB"), "TIFF"),
    }


def _content(name: str, content: bytes) -> Fault:
    act: Callable[[Path], object] = lambda folder: read(_write(folder / "scan 1.png", content))  # noqa: E731
    return Fault(name, act, "scan 1.png")


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _made(path: Path) -> Path:
    path.mkdir()
    return path
