from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.errors import InputError, find_input_error
from monai_seg.run.preview import GAP_PX, preview
from monai_seg.sample import make_twin

ROOT = Path(__file__).parents[2]


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.chdir(ROOT)
    make_twin("siim", tmp_path / "siim", cases=20, seed=0, size=96)
    return {"dataset_dir": str(tmp_path / "siim"), "image_size": [64, 96]}


def tiles(path: Path, height: int, width: int) -> list[list[np.ndarray]]:
    with Image.open(path) as picture:
        sheet = np.asarray(picture)
    rows, columns = (sheet.shape[0] + GAP_PX) // (height + GAP_PX), (sheet.shape[1] + GAP_PX) // (width + GAP_PX)
    assert sheet.shape == (rows * (height + GAP_PX) - GAP_PX, columns * (width + GAP_PX) - GAP_PX, 3)
    return [[sheet[i * (height + GAP_PX) :][:height, j * (width + GAP_PX) :][:, :width] for j in range(columns)]
            for i in range(rows)]


def test_each_row_is_a_case_and_its_samples_differ(tmp_path: Path, options: dict[str, object]):
    preview("bundles/siim/train.json", tmp_path / "sheet.png", options, cases=3, draws=4)
    sheet = tiles(tmp_path / "sheet.png", 64, 96)
    assert [len(row) for row in sheet] == [5, 5, 5]
    first = sheet[0]
    assert len({tile.tobytes() for tile in first}) > 3, "one that nothing was drawn for may be the case itself"


def test_without_augmentation_every_sample_is_the_case(tmp_path: Path, options: dict[str, object]):
    preview("bundles/siim/train.json", tmp_path / "sheet.png", {**options, "augment": "none"}, cases=2, draws=2)
    for row in tiles(tmp_path / "sheet.png", 64, 96):
        assert all(np.array_equal(tile, row[0]) for tile in row)


def test_a_fault_is_told_and_no_sheet_is_left(tmp_path: Path, options: dict[str, object]):
    with pytest.raises(RuntimeError) as told:
        preview("bundles/siim/train.json", tmp_path / "sheet.png", {**options, "dataset_dir": str(tmp_path / "none")})
    assert "no data set here" in str(find_input_error(told.value))
    with pytest.raises(InputError, match="cases and draws must be 1 or more"):
        preview("bundles/siim/train.json", tmp_path / "sheet.png", options, cases=0)
    assert not (tmp_path / "sheet.png").exists()
