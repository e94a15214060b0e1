from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from PIL import Image

from monai_seg.data.splits import SPLITS
from monai_seg.errors import InputError
from monai_seg.prepare import Groups, prepare_folder

Listed = Callable[[Path], dict[str, Any]]
Save = Callable[..., Path]
FULL = np.full((4, 6), 255, np.uint8)


def rows_of(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {case["image"]: case for split in SPLITS for case in content[split]}


def save_volume(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)


def test_pictures_are_copied_by_their_case_name(tmp_path: Path, save: Save, listed: Listed) -> None:
    save(tmp_path / "all" / "p1" / "a.png")
    save(tmp_path / "all" / "p1" / "a_mask.png", FULL)
    save(tmp_path / "all" / "p2" / "b.jpg")
    save(tmp_path / "all" / "p2" / "b_mask.png")
    out = tmp_path / "out"
    prepare_folder(tmp_path / "all", tmp_path / "all", out, mask_name="{name}_mask", groups=Groups(regex="^[^/]+"))
    assert rows_of(listed(out)) == {
        "images/p1/a.png": {"image": "images/p1/a.png", "label": "masks/p1/a.png", "class": 1, "group": "p1"},
        "images/p2/b.jpg": {"image": "images/p2/b.jpg", "label": "masks/p2/b.png", "class": 0, "group": "p2"}}
    assert (out / "masks/p1/a.png").read_bytes() == (tmp_path / "all/p1/a_mask.png").read_bytes()


def test_pictures_below_the_folder_stay(tmp_path: Path, save: Save, listed: Listed) -> None:
    save(tmp_path / "x" / "a.png")
    save(tmp_path / "y" / "a.png")
    files = set(tmp_path.rglob("*"))
    prepare_folder(tmp_path / "x", tmp_path / "y", tmp_path)
    assert set(tmp_path.rglob("*")) - files == {tmp_path / "datalist.json"}
    assert rows_of(listed(tmp_path))["x/a.png"]["label"] == "y/a.png"


def test_classes_and_groups_come_from_one_table(tmp_path: Path, save: Save, listed: Listed) -> None:
    for name in "ab":
        save(tmp_path / "x" / f"{name}.png")
        save(tmp_path / "y" / f"{name}.png")
    table = tmp_path / "t.csv"
    table.write_text("image,patient,finding\na,P1,tumour\nb,P2,cyst\n")
    prepare_folder(tmp_path / "x", tmp_path / "y", tmp_path, groups=Groups(table), classes=(table, "finding"))
    rows = rows_of(listed(tmp_path))
    assert listed(tmp_path)["class_names"] == ["cyst", "tumour"]
    assert [(rows[f"x/{n}.png"]["group"], rows[f"x/{n}.png"]["class"]) for n in "ab"] == [("P1", 1), ("P2", 0)]


def test_slices_of_a_volume_are_one_group(tmp_path: Path, listed: Listed) -> None:
    values = np.zeros((3, 4, 2), np.int16)
    values[..., 1] = np.arange(12).reshape(3, 4) * 20  # right, front: 0 to 220
    mask = np.zeros((3, 4, 2), np.uint8)
    mask[2, 3, 1] = 2  # right, front, head
    save_volume(tmp_path / "ct" / "p1.nii.gz", values)
    save_volume(tmp_path / "seg" / "p1.nii.gz", mask)
    out = tmp_path / "out"
    report = prepare_folder(tmp_path / "ct", tmp_path / "seg", out, window=(0, 255))
    rows = rows_of(listed(out))
    assert {name: (row["class"], row["group"]) for name, row in rows.items()} == {
        "images/p1_0000.png": (0, "p1"), "images/p1_0001.png": (1, "p1")}
    picture = np.asarray(Image.open(out / "images/p1_0001.png"))
    assert picture.tolist() == [[220, 140, 60], [200, 120, 40], [180, 100, 20], [160, 80, 0]]  # front row, right first
    assert np.argwhere(np.asarray(Image.open(out / "masks/p1_0001.png")) == 2).tolist() == [[0, 0]]
    assert '"mask_encoding": {"kind": "index", "classes": 3}' in report


def test_a_stopped_conversion_is_completed(tmp_path: Path) -> None:
    save_volume(tmp_path / "ct" / "p1.nii.gz", np.ones((3, 4, 2), np.int16))
    save_volume(tmp_path / "seg" / "p1.nii.gz", np.ones((3, 4, 2), np.uint8))
    prepare_folder(tmp_path / "ct", tmp_path / "seg", tmp_path / "out", window=(0, 1))
    lost = tmp_path / "out" / "images" / "p1_0001.png"
    content = lost.read_bytes()
    lost.unlink()
    prepare_folder(tmp_path / "ct", tmp_path / "seg", tmp_path / "out", window=(0, 1))
    assert lost.read_bytes() == content
    with pytest.raises(InputError, match=r"was prepared with window \[0, 1\], now it is \[0, 2\]"):
        prepare_folder(tmp_path / "ct", tmp_path / "seg", tmp_path / "out", window=(0, 2))


def test_dicom_of_a_patient_is_one_group_without_his_id(
    tmp_path: Path, listed: Listed, save_dicom: Callable[..., Path]
) -> None:
    for name, patient in (("a", "Smith"), ("b", "Smith"), ("c", "Jones")):
        save_dicom(tmp_path / "x" / f"{name}.dcm", FULL, PatientID=patient)
        save_dicom(tmp_path / "y" / f"{name}.dcm", np.eye(4, 6, dtype=np.uint8))
    out = tmp_path / "out"
    prepare_folder(tmp_path / "x", tmp_path / "y", out)
    groups = {Path(name).stem: row["group"] for name, row in rows_of(listed(out)).items()}
    assert groups["a"] == groups["b"] != groups["c"]
    assert "Smith" not in (out / "datalist.json").read_text()
    assert np.array_equal(np.asarray(Image.open(out / "masks/a.png")), np.eye(4, 6))


def test_what_does_not_go_together_is_refused(tmp_path: Path, save: Save) -> None:
    x, y = tmp_path / "x", tmp_path / "y"
    save(x / "a.png")
    save(y / "a.png")
    with pytest.raises(InputError, match="neither DICOM files nor volumes"):
        prepare_folder(x, y, tmp_path / "out", window=(0, 1))
    save_volume(y / "b.nii", np.zeros((2, 2, 2), np.uint8))
    save(x / "b.png")
    with pytest.raises(InputError, match="one is a volume, the other is not"):
        prepare_folder(x, y, tmp_path / "out")
    (x / "b.png").unlink()
    save_volume(x / "b.nii", np.zeros((2, 2, 2), np.int16))
    with pytest.raises(InputError, match="need a window to become 8 bits; give --window LOW HIGH"):
        prepare_folder(x, y, tmp_path / "out")
    with pytest.raises(InputError, match="holds the files to convert"):
        prepare_folder(x, y, tmp_path, window=(0, 1))


def test_the_folder_to_write_to_is_not_among_those_to_read(tmp_path: Path, save: Save) -> None:
    save(tmp_path / "x" / "a.png")
    save(tmp_path / "y" / "a.png")
    with pytest.raises(InputError, match="lies inside"):
        prepare_folder(tmp_path / "x", tmp_path / "y", tmp_path / "y" / "out")


def test_files_of_others_are_kept(tmp_path: Path, save: Save) -> None:
    save(tmp_path / "x" / "a.png")
    save(tmp_path / "y" / "a.png")
    save(tmp_path / "out" / "images" / "mine.png")
    with pytest.raises(InputError, match="is there already, and was not written by this program"):
        prepare_folder(tmp_path / "x", tmp_path / "y", tmp_path / "out")
