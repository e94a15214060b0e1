"""Masks that do not fit what is declared of them, in all encodings, read as a bundle reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fault import Fault
from numpy.typing import NDArray
from PIL import Image
from png_parts import deep_png, stored

from monai_seg.data import MaskReader, write_mask
from monai_seg.transforms import MatchLabeld

Encoding = Mapping[str, Any]
BINARY: Encoding = {"kind": "binary"}
RLE: Encoding = {"kind": "rle", "height": 4, "width": 4}
TABLE: Encoding = {"kind": "colours", "table": {"0": [0, 0, 0], "1": [255, 0, 0]}}
PER_CLASS: Encoding = {"kind": "files", "per": "class", "classes": 3}


def mask_faults() -> list[Fault]:
    """Return the faults of masks."""
    return [*_pictures(), *_several_files(), *_run_lengths(), *_sizes(), *_writing()]


def read(item: object, encoding: Encoding) -> object:
    """Read the mask ``item`` by the two calls that MONAI's `LoadImage` makes."""
    reader = MaskReader(encoding)
    return reader.get_data(reader.read(item))  # type: ignore[arg-type]


def _pictures() -> list[Fault]:
    return [
        _picture("grey edges without threshold", grey(0, 40, 200, 255), BINARY),
        _picture("a foreground of 1 where 255 is declared", grey(0, 1), BINARY),
        _picture("a foreground of 1 below the threshold", grey(0, 1), {"kind": "binary", "threshold": 127}),
        _picture("a foreground of 255 where 1 is declared", grey(0, 255), {"kind": "binary", "foreground": 1}),
        _picture("a third value in a binary mask", grey(0, 128, 255), BINARY),
        _picture("colours in a mask declared grey", colour([255, 0, 0]), BINARY),
        _picture("colours in an index mask", colour([1, 0, 0]), {"kind": "index", "classes": 2}),
        _picture("a coloured palette in a mask declared grey", palette(1), BINARY),
        _picture("a palette in an index mask", palette(1, [0, 0, 0, 9, 9, 9]), {"kind": "index", "classes": 2}),
        _picture("clear pixels in a binary mask", clear(), BINARY),
        _picture("clear pixels in a mask of colours", clear(), TABLE),
        _picture("an undeclared index", grey(0, 1, 7), {"kind": "index", "classes": 2}),
        _picture("an undeclared grey value", grey(0, 128, 200), {"kind": "index", "classes": 2,
                                                                 "values": {"0": 0, "128": 1}}),
        _picture("a 16-bit value in an index mask", deep_png(grey(0, 1).astype(np.uint16) * 300),
                 {"kind": "index", "classes": 2}),
        _picture("grey where a palette is declared", grey(0, 1), {"kind": "palette", "classes": 2}),
        _picture("a palette index beyond the classes", palette(5), {"kind": "palette", "classes": 3}),
        _picture("a palette with other colours", palette(1), {"kind": "palette", "classes": 2,
                                                             "colours": [[0, 0, 0], [0, 255, 0]]}),
        _picture("an undeclared colour", colour([254, 0, 0]), TABLE),
        _picture("a colour beyond the tolerance", colour([200, 0, 0]), {**TABLE, "tolerance": 10}),
        _picture("16 bits in a mask of colours", deep_png(colour([1, 2, 3]).astype(np.uint16)), TABLE),
        _picture("a JPEG of a binary mask", stored(Image.fromarray(blob()), "JPEG"), BINARY, "mask.jpg"),
        Fault("a mask that is cut off", lambda folder: read(_file(folder, stored(blob())[:60]), BINARY), "mask.png"),
        Fault("no such mask", lambda folder: read(str(folder / "mask.png"), BINARY), "mask.png"),
        Fault("two files for a mask of one", lambda folder: read([_file(folder, grey(0)), _file(folder, grey(0))],
                                                                 BINARY), "mask.png"),
    ]


def _several_files() -> list[Fault]:
    instances: Encoding = {"kind": "files", "per": "instance"}
    return [
        Fault("a class's file is missing", lambda folder: read([_file(folder, grey(0))], PER_CLASS), "mask.png"),
        Fault("files of two sizes", lambda folder: read([_file(folder, blob()), _file(folder, blob()[:-1], "b.png")],
                                                        PER_CLASS), "b.png"),
        Fault("classes that overlap", lambda folder: read([_file(folder, blob()), _file(folder, blob(), "b.png")],
                                                          {**PER_CLASS, "overlap": "refuse"}), "b.png"),
        Fault("one of the files is not binary", lambda folder: read(
            [_file(folder, blob()), _file(folder, grey(0, 9), "b.png")], instances), "b.png"),
        Fault("one of the files is damaged", lambda folder: read(
            [_file(folder, blob()), _file(folder, stored(blob())[:50], "b.png")], instances), "b.png"),
        Fault("a folder without mask files", lambda folder: read(_folder(folder / "case_1"), instances), "case_1"),
        Fault("a text among the mask files", lambda folder: read(_folder(folder / "case_1", b"notes"), instances),
              "mask.png"),
    ]


def _run_lengths() -> list[Fault]:
    rows = {
        "run lengths that are words": "a b", "an odd number of run lengths": "1 2 3", "a negative run": "1 -2",
        "runs beyond the image": "10 9", "fractions for run lengths": "1.5 2", "runs too large for a number": "9" * 30
        + " 1",
    }
    faults = [Fault(name, lambda folder, row=row: read(_table(folder, f"scan,{row}"), RLE), "runs.csv")
              for name, row in rows.items()]
    return [
        *faults,
        Fault("empty and not empty at once", lambda folder: read(_table(folder, "scan,-1\nscan,1 2"), RLE), "runs.csv"),
        Fault("no row of this image", lambda folder: read(_table(folder, "other,1 2"), RLE), "scan"),
        Fault("a line of three cells", lambda folder: read(_table(folder, "scan,1 2,3"), RLE), "line 2"),
        Fault("another table", lambda folder: read(_table(folder, "scan,1 2", "id,mask"), RLE), "runs.csv"),
        Fault("no such table", lambda folder: read(f"{folder}/runs.csv::scan", RLE), "runs.csv"),
        Fault("a label that names no row", lambda folder: read(f"{folder}/runs.csv", RLE), "runs.csv"),
        Fault("a picture for a table", lambda folder: read(_file(folder, blob(), "runs.csv") + "::scan", RLE),
              "runs.csv"),
    ]


def _sizes() -> list[Fault]:
    return [
        Fault("a mask of another size", lambda folder: _match((4, 6), (8, 12), None), "(4, 6)"),
        Fault("a transposed mask", lambda folder: _match((6, 4), (4, 6), None), "(6, 4)"),
        Fault("a transposed mask where resizing is declared", lambda folder: _match((6, 4), (4, 6), "nearest"),
              "transposed"),
        Fault("an unknown way to resize masks", lambda folder: MatchLabeld(mask_resize="linear"), "linear"),
    ]


def _writing() -> list[Fault]:
    mask = np.zeros((4, 4), np.uint8)
    return [
        Fault("a mask written as JPEG", lambda folder: write_mask(folder / "m.jpg", mask, BINARY), "m.jpg"),
        Fault("a mask written where a file is no folder",
              lambda folder: write_mask(Path(_file(folder, grey(0), "a")) / "m.png", mask, BINARY), "m.png"),
        Fault("a row written twice", lambda folder: [write_mask(f"{folder}/runs.csv::a", mask, RLE)
                                                     for _ in range(2)], "runs.csv"),
        Fault("two classes written into one file", lambda folder: write_mask([folder / "a.png"], mask, PER_CLASS),
              "a.png"),
    ]


def _picture(name: str, content: Any, encoding: Encoding, file: str = "mask.png") -> Fault:
    return Fault(name, lambda folder: read(_file(folder, content, file), encoding), file)


def _file(folder: Path, content: Any, name: str = "mask.png") -> str:
    (folder / name).write_bytes(content if isinstance(content, bytes) else stored(content))
    return str(folder / name)


def _folder(folder: Path, content: bytes | None = None) -> str:
    folder.mkdir()
    if content is not None:
        _file(folder, content)
    return str(folder)


def _table(folder: Path, rows: str, head: str = "ImageId,EncodedPixels") -> str:
    (folder / "runs.csv").write_text(f"{head}\n{rows}\n")
    return f"{folder}/runs.csv::scan"


def _match(label: tuple[int, int], image: tuple[int, int], resize: str | None) -> object:
    return MatchLabeld(mask_resize=resize)({"image": torch.zeros(1, *image), "label": torch.zeros(1, *label)})


def grey(*values: int) -> NDArray[np.uint8]:
    """A grey picture with a row per value."""
    return np.repeat(np.array(values, np.uint8)[:, None], 4, axis=1)


def blob() -> NDArray[np.uint8]:
    """A binary mask with a round region."""
    rows, columns = np.mgrid[:16, :16]
    return np.where((rows - 8) ** 2 + (columns - 8) ** 2 < 20, 255, 0).astype(np.uint8)


def colour(rgb: list[int]) -> NDArray[np.uint8]:
    """A colour picture, half of it black."""
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[2:] = rgb
    return pixels


def clear() -> NDArray[np.uint8]:
    """A white RGBA picture with a clear pixel."""
    pixels = np.full((4, 4, 4), 255, np.uint8)
    pixels[0, 0, 3] = 0
    return pixels


def palette(index: int, colours: list[int] | None = None) -> Image.Image:
    """A palette picture of indices 0 and ``index``."""
    image = Image.fromarray(grey(0, index)).convert("L")
    image.putpalette(colours or [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9, 7, 8, 9])
    return image
