from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from monai_seg.data.mask_encodings import decode_mask, parse_encoding
from monai_seg.data.splits import SPLITS
from monai_seg.errors import InputError
from monai_seg.prepare import MaskFolders, prepare_folder

Save = Callable[..., Path]
Listed = Callable[[Path], dict[str, Any]]


def part(row: int) -> np.ndarray:
    mask = np.zeros((4, 6), np.uint8)
    mask[row] = 255
    return mask


def cases_of(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {case["image"]: case for split in SPLITS for case in content[split]}


def declared(report: str) -> Any:
    return json.loads(report.split('"mask_encoding": ')[1].splitlines()[0])


def decoded(folder: Path, label: Any, encoding: Any) -> np.ndarray:
    item = str(folder / label) if isinstance(label, str) else [str(folder / name) for name in label]
    return decode_mask(parse_encoding(encoding).load(item), encoding)


@pytest.mark.parametrize("is_inside", [False, True])
def test_instances_are_one_mask(tmp_path: Path, save: Save, listed: Listed, is_inside: bool) -> None:
    raw = tmp_path / "raw"
    save(raw / "images" / "a.png")
    save(raw / "images" / "b.png")
    save(raw / "masks" / "a" / "1.png", part(0))
    save(raw / "masks" / "a" / "2.png", part(2))
    save(raw / "masks" / "b" / "1.png")
    out = raw if is_inside else tmp_path / "out"
    report = prepare_folder(raw / "images", raw / "masks", out, mask_folders=MaskFolders())
    cases = cases_of(listed(out))
    assert {name: (case["label"], case["class"]) for name, case in cases.items()} == {
        "images/a.png": ("masks/a", 1), "images/b.png": ("masks/b", 0)}
    assert decoded(out, "masks/a", declared(report))[:, 0].tolist() == [1, 0, 1, 0]


def test_parts_are_classes_in_the_order_they_are_named(tmp_path: Path, save: Save, listed: Listed) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    save(raw / "x" / "a.png")
    save(raw / "y" / "a" / "infection.png", part(1))
    save(raw / "y" / "a" / "lung.png", part(3))
    report = prepare_folder(raw / "x", raw / "y", out, mask_folders=MaskFolders(("lung", "infection")))
    (case,) = cases_of(listed(out)).values()
    assert case["label"] == ["masks/a/lung.png", "masks/a/infection.png"]
    assert declared(report) == {"kind": "files", "per": "class", "classes": 3}
    assert decoded(out, case["label"], declared(report))[:, 0].tolist() == [0, 2, 0, 1]


def test_a_folder_for_each_case_as_challenges_publish_it(tmp_path: Path, save: Save, listed: Listed) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    for name in "ab":
        save(raw / name / "images" / f"{name}.png")
        save(raw / name / "masks" / "1.png", part(1))
    prepare_folder(raw, raw, out, image_name="*/images/{name}", mask_name="{name}/masks", mask_folders=MaskFolders())
    assert {name: case["label"] for name, case in cases_of(listed(out)).items()} == {
        "images/a.png": "masks/a", "images/b.png": "masks/b"}


def test_a_second_run_changes_nothing(tmp_path: Path, save: Save) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    save(raw / "x" / "a.png")
    save(raw / "y" / "a" / "1.png", part(1))
    prepare_folder(raw / "x", raw / "y", out, mask_folders=MaskFolders())
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    prepare_folder(raw / "x", raw / "y", out, mask_folders=MaskFolders())
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.png")} == before
    (raw / "y" / "a" / "1.png").rename(raw / "y" / "a" / "2.png")
    with pytest.raises(InputError, match=r"masks/a/1\.png: is not in .*raw/y/a; remove .*masks/a, and run again"):
        prepare_folder(raw / "x", raw / "y", out, mask_folders=MaskFolders())


@pytest.mark.parametrize(("parts", "files", "message"), [
    ((), ("1.png", "notes.txt"), r"notes\.txt: is no picture of an instance; move it away"),
    (("lung", "heart"), ("lung.png",), r"y/a: has no file 'heart'; add it, all black"),
    (("lung",), ("lung.png", "heart.png"), r"heart\.png: is none of the parts of a mask; name it with --part"),
    (("lung",), ("lung.png", "lung.bmp"), r"lung\.bmp: is none of the parts"),
])
def test_what_is_in_the_folder_must_be_declared(
    tmp_path: Path, save: Save, parts: tuple[str, ...], files: tuple[str, ...], message: str
) -> None:
    save(tmp_path / "x" / "a.png")
    for name in files:
        save(tmp_path / "y" / "a" / name, part(1)) if not name.endswith("txt") else \
            (tmp_path / "y" / "a" / name).write_text("x")
    with pytest.raises(InputError, match=message):
        prepare_folder(tmp_path / "x", tmp_path / "y", tmp_path / "out", mask_folders=MaskFolders(parts))


def test_an_instance_of_another_size_is_refused(tmp_path: Path, save: Save) -> None:
    save(tmp_path / "x" / "a.png")
    save(tmp_path / "y" / "a" / "1.png", np.zeros((5, 6), np.uint8))
    with pytest.raises(InputError, match=r"1\.png: mask is \(5, 6\), image is \(4, 6\)"):
        prepare_folder(tmp_path / "x", tmp_path / "y", tmp_path / "out", mask_folders=MaskFolders())


def test_images_without_folder_are_told(tmp_path: Path, save: Save) -> None:
    save(tmp_path / "x" / "a.png")
    save(tmp_path / "x" / "b.png")
    save(tmp_path / "y" / "a" / "1.png")
    with pytest.raises(InputError, match=r"1 image without mask \(b\)"):
        prepare_folder(tmp_path / "x", tmp_path / "y", tmp_path / "out", mask_folders=MaskFolders())
