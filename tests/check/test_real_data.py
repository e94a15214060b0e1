"""check-data on real sets: nothing is mistaken for a fault, and the proposed settings read the masks right."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monai.bundle import ConfigParser
from PIL import Image

from monai_seg.check import Report, check_data, list_cases
from monai_seg.data import DataList

ROOT = Path(__file__).resolve().parents[2]
REAL = Path(os.environ.get("MONAI_SEG_REAL_DATA", ROOT.parent / "shared/data"))
FRAGMENTS = json.loads((ROOT / "transforms/picture.json").read_text(encoding="utf-8"))
pytestmark = pytest.mark.real_data


@cache
def report_of(name: str) -> Report:
    if not (REAL / name).is_dir():
        pytest.skip(f"no real data in {REAL}")
    return check_data(list_cases(REAL / name))


def decode(report: Report, case: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Image and class ids as a bundle with the proposed settings loads them."""
    settings = {setting.name: setting.value for setting in report.settings}
    needed = {name: settings[name] for name in ("image_mode", "mask_encoding", "mask_resize")}
    parser = ConfigParser({**needed, **{name: FRAGMENTS[name] for name in ("load_image", "load_label")}})
    loaded = parser.get_parsed_content("load_label")(parser.get_parsed_content("load_image")(case))
    return loaded["image"].numpy(), loaded["label"].numpy()


@pytest.mark.parametrize(("name", "cases", "mode", "encoding"), [
    ("lungs_xray", 150, "L", {"kind": "binary", "threshold": 127}),
    ("skin_lesions", 6, "RGB", {"kind": "binary"}),
    ("white_blood_cells", 150, "RGB", {"kind": "index", "classes": 3, "values": {"0": 0, "128": 1, "255": 2}}),
    ("nuclei", 60, "RGB", {"kind": "files", "per": "instance"}),
])
def test_a_sound_set_has_no_findings_and_is_described_right(
    name: str, cases: int, mode: str, encoding: dict[str, Any]
) -> None:
    report = report_of(name)
    assert report.findings == []
    assert report.summary.cases == cases
    assert (report.settings[0].value, report.encoding) == (mode, encoding)


def test_the_three_classes_of_white_blood_cells_are_counted_as_numpy_counts_them() -> None:
    report = report_of("white_blood_cells")
    values = np.zeros(256, int)
    classes = np.zeros(3, int)
    for case in DataList(REAL / "white_blood_cells").training[:40]:
        image, label = decode(report, case)
        stored = np.asarray(Image.open(case["label"]))
        assert image.shape == (3, *stored.shape)
        assert label.shape == (1, *stored.shape)
        values += np.bincount(stored.ravel(), minlength=256)
        classes += np.bincount(label.ravel().astype(int), minlength=3)
    assert np.flatnonzero(values).tolist() == [0, 128, 255]
    assert classes.tolist() == values[[0, 128, 255]].tolist()


def test_nuclei_are_the_union_of_their_instances() -> None:
    report = report_of("nuclei")
    for case in DataList(REAL / "nuclei").training[:8]:
        image, label = decode(report, case)
        union = np.max([np.asarray(Image.open(path)) > 0 for path in sorted(Path(case["label"]).iterdir())], axis=0)
        assert np.array_equal(label[0], union)
        assert np.array_equal(image, np.asarray(Image.open(case["image"]))[..., :3].transpose(2, 0, 1))
