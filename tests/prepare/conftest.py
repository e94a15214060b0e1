"""Twins of the data sets, and DICOM files and pictures made on the spot."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from monai_seg.sample import make_twin


@pytest.fixture
def twin(tmp_path: Path) -> Callable[[str, int], Path]:
    """Return a function: name, number of cases -> folder of a twin of size 64 without its own mark."""

    def make(name: str, cases: int) -> Path:
        folder = tmp_path / f"raw_{name}"
        make_twin(name, folder, cases=cases, size=64)
        return folder

    return make


@pytest.fixture
def save() -> Callable[..., Path]:
    """Return a function: path, (H, W) or (H, W, C) array -> path of the picture written there."""

    def write(path: Path, pixels: NDArray | None = None) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((4, 6), np.uint8) if pixels is None else pixels).save(path)
        return path

    return write


@pytest.fixture
def listed() -> Callable[[Path], dict[str, Any]]:
    """Return a function: folder -> content of its list."""
    return lambda folder: json.loads((folder / "datalist.json").read_text(encoding="utf-8"))


@pytest.fixture
def save_dicom() -> Callable[..., Path]:
    """Return a function: path, (H, W) uint8 or uint16 array, further DICOM elements -> path of the file written."""
    pydicom = pytest.importorskip("pydicom")
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    def write(path: Path, pixels: NDArray, **elements: Any) -> Path:
        meta = pydicom.dataset.FileMetaDataset()
        meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"  # secondary capture
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        file = pydicom.Dataset()
        file.file_meta = meta
        file.Rows, file.Columns = pixels.shape
        file.SamplesPerPixel, file.PhotometricInterpretation, file.PixelRepresentation = 1, "MONOCHROME2", 0
        file.BitsAllocated = file.BitsStored = 8 * pixels.itemsize
        file.HighBit = file.BitsStored - 1
        file.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
        file["PixelData"].VR = "OW"
        for name, value in elements.items():
            setattr(file, name, value)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.save_as(path, enforce_file_format=True)
        return path

    return write
