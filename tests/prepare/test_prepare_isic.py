from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monai_seg.data.splits import SPLITS
from monai_seg.errors import InputError
from monai_seg.prepare import Groups, prepare_isic
from monai_seg.prepare.isic import published_split

Twin = Callable[[str, int], Path]
Listed = Callable[[Path], dict[str, Any]]
Save = Callable[..., Path]


def test_images_and_masks_are_paired_and_strays_left_alone(twin: Twin, listed: Listed) -> None:
    raw = twin("isic", 12)
    assert list(raw.rglob("*_superpixels.png"))
    prepare_isic(raw)
    content = listed(raw)
    cases = [case for split in SPLITS for case in content[split]]
    assert len(cases) == 12
    for case in cases:
        name = Path(case["image"]).stem
        assert case["image"] == f"ISIC-2017_Training_Data/{name}.jpg"
        assert case["label"] == f"ISIC-2017_Training_Part1_GroundTruth/{name}_segmentation.png"


def test_published_splits_are_kept_where_there_are_several(tmp_path: Path, save: Save, listed: Listed) -> None:
    for number, split in enumerate(("Training", "Validation", "Test")):
        save(tmp_path / f"ISIC2018_Task1-2_{split}_Input" / f"ISIC_{number}.jpg")
        save(tmp_path / f"ISIC2018_Task1_{split}_GroundTruth" / f"ISIC_{number}_segmentation.png")
    prepare_isic(tmp_path)
    content = listed(tmp_path)
    assert [[Path(case["image"]).stem for case in content[split]] for split in SPLITS] == [
        ["ISIC_0"], ["ISIC_1"], ["ISIC_2"]]


@pytest.mark.parametrize(("folder", "split"), [
    ("ISIC-2017_Training_Data", "training"), ("ISIC-2017_Test_v2_Data/x", "test"), ("ISIC-2017_Validation_Data",
    "validation"), ("latest", "training"),
])  # fmt: skip
def test_the_folder_names_the_split(folder: str, split: str) -> None:
    assert published_split(Path(folder) / "ISIC_1.jpg") == split


def test_patients_can_be_told(twin: Twin, tmp_path: Path, listed: Listed) -> None:
    raw, table = twin("isic", 3), tmp_path / "t.csv"
    table.write_text("image,patient\n" + "".join(f"ISIC_{n:07d},P\n" for n in range(3)))
    prepare_isic(raw, groups=Groups(table))
    assert {case["group"] for split in SPLITS for case in listed(raw)[split]} == {"P"}


def test_no_isic_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found 0 images and 0 masks of ISIC"):
        prepare_isic(tmp_path)
