from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.dicom import read_class_ids, read_dicom, read_patient

RAMP = np.arange(24, dtype=np.uint8).reshape(4, 6) * 10


def test_8_bits_are_taken_as_stored_rows_first(tmp_path: Path, save_dicom: Callable[..., Path]) -> None:
    path = save_dicom(tmp_path / "a.dcm", RAMP)
    assert read_dicom(path).tolist() == RAMP.tolist()


def test_white_on_zero_is_turned_over(tmp_path: Path, save_dicom: Callable[..., Path]) -> None:
    path = save_dicom(tmp_path / "a.dcm", RAMP, PhotometricInterpretation="MONOCHROME1")
    assert read_dicom(path).tolist() == (255 - RAMP).tolist()


def test_jpeg_inside_is_decoded(tmp_path: Path, save_dicom: Callable[..., Path]) -> None:
    import io

    from PIL import Image
    from pydicom import dcmread
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGBaseline8Bit

    smooth = np.tile(np.linspace(20, 220, 32).astype(np.uint8), (16, 1))
    path = save_dicom(tmp_path / "a.dcm", smooth)
    buffer = io.BytesIO()
    Image.fromarray(smooth).save(buffer, "JPEG", quality=95)
    file = dcmread(path)
    file.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    file.PixelData = encapsulate([buffer.getvalue()])
    file["PixelData"].VR = "OB"
    file.save_as(path)
    assert np.abs(read_dicom(path).astype(int) - smooth).max() <= 4


def test_more_bits_need_a_window_in_the_unit_of_the_file(tmp_path: Path, save_dicom: Callable[..., Path]) -> None:
    stored = np.array([[0, 1024], [1224, 4000]], np.uint16)
    path = save_dicom(tmp_path / "a.dcm", stored, RescaleSlope=1, RescaleIntercept=-1024)
    with pytest.raises(InputError, match="16 bits per sample, so 8 bits need a window; give --window LOW HIGH"):
        read_dicom(path)
    assert read_dicom(path, (0, 400)).tolist() == [[0, 0], [128, 255]]  # -1024, 0, 200, 2976 HU


def test_patient_and_series_are_read(tmp_path: Path, save_dicom: Callable[..., Path]) -> None:
    path = save_dicom(tmp_path / "a.dcm", RAMP, PatientID="P 7", SeriesInstanceUID="1.2.3")
    assert read_patient(path) == ("P 7", "1.2.3")
    assert read_patient(save_dicom(tmp_path / "b.dcm", RAMP)) == ("", "")


def test_a_mask_holds_class_ids(tmp_path: Path, save_dicom: Callable[..., Path]) -> None:
    path = save_dicom(tmp_path / "m.dcm", np.array([[0, 2], [1, 0]], np.uint16))
    assert read_class_ids(path).tolist() == [[0, 2], [1, 0]]


def test_what_is_no_dicom_picture_is_one_line(tmp_path: Path, save_dicom: Callable[..., Path]) -> None:
    (tmp_path / "a.dcm").write_text("hello")
    with pytest.raises(InputError, match=r"a\.dcm: not a readable DICOM file"):
        read_dicom(tmp_path / "a.dcm")
    path = save_dicom(tmp_path / "b.dcm", RAMP, PixelData=b"\0\0")
    with pytest.raises(InputError, match=r"b\.dcm: its pixels cannot be decoded"):
        read_dicom(path)


def test_without_pydicom_the_line_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(InputError, match=r'pip install "monai_seg\[dicom\]"'):
        read_dicom(tmp_path / "a.dcm")
