"""DICOM files as 8-bit grey pictures, rows first; needs pydicom, the extra ``dicom``.

Pixel values become 0..255 in one of two declared ways. Files of 8 bits without a window are taken as they are stored.
With a window, values in the unit of the file (after rescale slope and intercept: Hounsfield units for CT) from ``low``
to ``high`` are spread over 0..255, beyond it they are cut. The window that a file recommends is not used, since it
differs from file to file. MONOCHROME1, whose 0 is white, is turned over.

Source:
    DICOM PS3.3, C.7.6.3 (Image Pixel), C.11.1 (Modality LUT). The window is the linear one without its offset of half a
    step: ``(value - low) / (high - low)``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.errors import InputError
from monai_seg.prepare.window import Window, apply_window, as_class_ids


def read_patient(path: Path) -> tuple[str, str]:
    """Return PatientID and SeriesInstanceUID of the DICOM file ``path``, each "" where it has none; reads no pixels.

    Raises:
        InputError: pydicom is not installed, or not a DICOM file.
    """
    file = _read(path, stop_before_pixels=True)
    return str(file.get("PatientID") or ""), str(file.get("SeriesInstanceUID") or "")


def read_dicom(path: Path, window: Window | None = None) -> NDArray[np.uint8]:
    """Return the picture of ``path`` as (H, W) grey values.

    Raises:
        InputError: pydicom is not installed; not a DICOM file with one grey picture; more than 8 bits and no window.
    """
    file = _read(path)
    try:
        stored = np.asarray(file.pixel_array)
    except Exception as error:  # pydicom and its decoders raise many kinds, each of which means this file
        raise InputError(path, f"its pixels cannot be decoded ({type(error).__name__}: {error})",
                         "export the picture as PNG") from error
    if stored.ndim != 2:
        raise InputError(path, f"holds an array of shape {stored.shape}, expected one grey picture (H, W)",
                         "export its pictures as PNG")
    if window is None and not (stored.dtype == np.uint8 and int(file.get("BitsStored", 8)) == 8):
        raise InputError(path, f"has {file.get('BitsStored')} bits per sample, so 8 bits need a window",
                         "give --window LOW HIGH")
    if window is None:
        pixels = stored
    else:
        slope, intercept = float(file.get("RescaleSlope", 1)), float(file.get("RescaleIntercept", 0))
        pixels = apply_window(stored * slope + intercept, window)
    if file.get("PhotometricInterpretation") == "MONOCHROME1":
        pixels = 255 - pixels
    return np.ascontiguousarray(pixels)


def read_class_ids(path: Path) -> NDArray[np.uint8]:
    """Return the stored values of the DICOM mask ``path`` as (H, W) class ids.

    Raises:
        InputError: as `read_dicom`, or a value outside 0..254.
    """
    try:
        stored = np.asarray(_read(path).pixel_array)
    except InputError:
        raise
    except Exception as error:
        raise InputError(path, f"its pixels cannot be decoded ({type(error).__name__}: {error})",
                         "export the mask as PNG") from error
    return as_class_ids(stored, path)


def _read(path: Path, stop_before_pixels: bool = False) -> Any:
    try:
        import pydicom
    except ImportError as error:
        raise InputError(path, "pydicom is needed to read DICOM files, and is not installed",
                         'pip install "monai_seg[dicom]"') from error
    try:
        return pydicom.dcmread(path, stop_before_pixels=stop_before_pixels)
    except Exception as error:
        raise InputError(path, f"not a readable DICOM file ({type(error).__name__}: {error})",
                         "copy it again from its source") from error
