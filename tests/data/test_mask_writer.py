from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.data.mask_reader import MaskReader
from monai_seg.data.mask_writer import write_mask
from monai_seg.errors import InputError

COLOURS = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]
ENCODINGS: list[dict[str, Any]] = [
    {"kind": "binary"},
    {"kind": "binary", "foreground": 1},
    {"kind": "binary", "threshold": 127},
    {"kind": "binary", "foreground": 65535, "threshold": 300},
    {"kind": "index", "classes": 4},
    {"kind": "index", "classes": 255},
    {"kind": "index", "classes": 3, "values": {"0": 0, "128": 1, "255": 2}},
    {"kind": "index", "classes": 2, "values": {"0": 0, "40000": 1}},
    {"kind": "palette", "classes": 4, "colours": COLOURS},
    {"kind": "palette", "classes": 2},
    {"kind": "palette", "classes": 255},
    {"kind": "colours", "table": {str(class_id): colour for class_id, colour in enumerate(COLOURS)}},
    {"kind": "colours", "table": {"0": [0, 0, 0], "1": [9, 9, 9]}, "tolerance": 3},
    {"kind": "files", "per": "class", "classes": 4},
    {"kind": "files", "per": "instance"},
    {"kind": "rle"},
]


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: "-".join(map(str, encoding.values()))[:40])
@settings(max_examples=25, deadline=None)
@given(height=st.integers(1, 17), width=st.integers(1, 17), seed=st.integers(0, 9), empty=st.booleans())
def test_what_was_written_is_read_back(
    encoding: dict[str, Any], height: int, width: int, seed: int, empty: bool
) -> None:
    if encoding["kind"] == "rle":
        encoding = {**encoding, "height": height, "width": width}
    classes = parse_encoding(encoding).classes
    mask = np.random.default_rng(seed).integers(0, 1 if empty else classes, (height, width))
    with tempfile.TemporaryDirectory() as folder:
        item = item_for(encoding, Path(folder))
        write_mask(item, mask, encoding)
        reader = MaskReader(encoding)
        read, _ = reader.get_data(reader.read(item))
    assert read.dtype == np.uint8
    assert np.array_equal(read, mask)


def item_for(encoding: dict[str, Any], folder: Path) -> Any:
    if encoding["kind"] == "rle":
        return f"{folder}/masks.csv::case 1"
    if encoding["kind"] == "files" and encoding["per"] == "class":
        return [str(folder / f"{class_id}.png") for class_id in range(1, encoding["classes"])]
    return str(folder / "mask.png")


def test_the_files_are_what_the_data_set_has(tmp_path: Path) -> None:
    mask = np.array([[0, 1], [1, 0]])
    write_mask(tmp_path / "binary.png", mask, {"kind": "binary"})
    write_mask(tmp_path / "palette.png", mask, {"kind": "palette", "classes": 2, "colours": [[0, 0, 0], [9, 8, 7]]})
    binary, palette = Image.open(tmp_path / "binary.png"), Image.open(tmp_path / "palette.png")
    assert (binary.mode, np.asarray(binary).tolist()) == ("L", [[0, 255], [255, 0]])
    assert (palette.mode, palette.convert("RGB").getpixel((1, 0))) == ("P", (9, 8, 7))


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mask.png"
    write_mask(path, np.array([[1]]), {"kind": "binary"})
    before = path.read_bytes()

    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match="No space left on device"):
        write_mask(path, np.array([[0]]), {"kind": "binary"})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["mask.png"]


def test_what_would_not_come_back_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"masks are written as PNG only; let the name end in \.png"):
        write_mask(tmp_path / "mask.jpg", np.array([[1]]), {"kind": "binary"})
    with pytest.raises(InputError, match=r"1 files to write 2 classes to \(the background has none\)"):
        write_mask([tmp_path / "a.png"], np.array([[1]]), {"kind": "files", "per": "class", "classes": 3})
    with pytest.raises(ValueError, match=r"mask is \(H, W\) \(1, 1\), the encoding declares \(2, 2\)"):
        write_mask(f"{tmp_path}/a.csv::x", np.array([[1]]), {"kind": "rle", "height": 2, "width": 2})
    assert not list(tmp_path.iterdir())
