from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from monai_seg.data import DataList
from monai_seg.data.splits import SPLITS
from monai_seg.errors import InputError
from monai_seg.prepare import Dealing, Groups, prepare_siim

Twin = Callable[[str, int], Path]
Listed = Callable[[Path], dict[str, Any]]
CASES = 12


def rows_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted((case for split in SPLITS for case in content[split]), key=lambda case: case["image"])


def masks_of(folder: Path) -> dict[str, np.ndarray]:
    return {path.name: np.asarray(Image.open(path)) for path in sorted((folder / "png_masks").glob("*.png"))}


def assert_same_masks(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    assert all(np.array_equal(found[name], expected[name]) for name in expected)


def test_png_pairs_are_listed_in_place(twin: Twin, listed: Listed) -> None:
    raw = twin("siim", CASES)
    before = {path: path.stat().st_mtime_ns for path in raw.rglob("*.png")}
    report = prepare_siim(raw)
    assert {path: path.stat().st_mtime_ns for path in raw.rglob("*.png")} == before
    rows = rows_of(listed(raw))
    patients = dict(line.split(",") for line in (raw / "patients.csv").read_text().splitlines()[1:])
    assert [row["group"] for row in rows] == [patients[Path(row["image"]).stem] for row in rows]
    lesion = {f"png_masks/{name}": int(mask.any()) for name, mask in masks_of(raw).items()}
    assert {row["label"]: row["class"] for row in rows} == lesion
    assert 0 < sum(lesion.values()) < CASES
    assert f"{CASES} cases" in report
    assert sum(map(len, DataList(raw).splits.values())) == CASES


def test_run_lengths_become_the_very_masks(twin: Twin, listed: Listed) -> None:
    raw = twin("siim", CASES)
    expected = masks_of(raw)
    prepare_siim(raw)
    rows = rows_of(listed(raw))
    shutil.rmtree(raw / "png_masks")
    (raw / "datalist.json").unlink()
    prepare_siim(raw)
    assert_same_masks(masks_of(raw), expected)
    assert rows_of(listed(raw)) == rows


def test_a_stopped_run_is_completed_and_finished_masks_are_kept(twin: Twin) -> None:
    raw = twin("siim", CASES)
    shutil.rmtree(raw / "png_masks")
    prepare_siim(raw)
    first, second, *_ = sorted((raw / "png_masks").iterdir())
    kept = second.stat().st_ino
    first.unlink()
    (raw / "datalist.json").unlink()
    prepare_siim(raw)
    assert first.exists()
    assert second.stat().st_ino == kept


def test_a_changed_table_makes_the_masks_anew(twin: Twin, listed: Listed) -> None:
    raw = twin("siim", CASES)
    shutil.rmtree(raw / "png_masks")
    prepare_siim(raw)
    lesions = [row for row in rows_of(listed(raw)) if row["class"]]
    table = raw / "train-rle.csv"
    names = list(dict.fromkeys(line.split(",")[0] for line in table.read_text().splitlines()[1:]))
    table.write_text("ImageId,EncodedPixels\n" + "".join(f"{name}, -1\n" for name in names))
    later = max(path.stat().st_mtime_ns for path in (raw / "png_masks").iterdir()) + 10**9
    os.utime(table, ns=(later, later))
    prepare_siim(raw)
    assert lesions
    assert all(row["class"] == 0 for row in rows_of(listed(raw)))


def test_another_folder_gets_everything_and_raw_nothing(twin: Twin, tmp_path: Path) -> None:
    raw, out = twin("siim", CASES), tmp_path / "out"
    files = sorted(raw.rglob("*"))
    prepare_siim(raw, out, dealing=Dealing(folds=3))
    assert sorted(raw.rglob("*")) == files
    assert_same_masks(masks_of(out), masks_of(raw))
    assert {case["fold"] for case in DataList(out).training} <= {0, 1, 2}


def test_dicom_becomes_pictures_masks_and_patients(
    twin: Twin, tmp_path: Path, listed: Listed, save_dicom: Callable[..., Path]
) -> None:
    png, raw, out = twin("siim", CASES), tmp_path / "dicom", tmp_path / "out"
    for number, path in enumerate(sorted((png / "png_images").iterdir())):
        save_dicom(raw / f"s{number}" / "t" / f"{path.stem}.dcm", np.asarray(Image.open(path)),
                   PatientID=f"P{number // 2}")
    shutil.copy(png / "train-rle.csv", raw)
    prepare_siim(raw, out)
    assert_same_masks(masks_of(out), masks_of(png))
    for path in (png / "png_images").iterdir():
        assert np.array_equal(np.asarray(Image.open(out / "png_images" / path.name)), np.asarray(Image.open(path)))
    assert [row["group"] for row in rows_of(listed(out))] == [f"P{number // 2}" for number in range(CASES)]
    prepare_siim(raw)  # in place, and once more
    prepare_siim(raw)
    assert_same_masks(masks_of(raw), masks_of(png))


def test_orphans_of_both_kinds_are_told_in_one_line(twin: Twin, listed: Listed) -> None:
    raw = twin("siim", CASES)
    first, second, third, *_ = sorted((raw / "png_images").iterdir())
    first.unlink()
    (raw / "png_masks" / second.name).unlink()
    (raw / "png_masks" / third.name).unlink()
    with pytest.raises(InputError) as told:
        prepare_siim(raw)
    lacking = f"2 images without mask ({second.stem}, {third.stem}), 1 mask without image ({first.stem})"
    assert lacking in str(told.value)
    assert not (raw / "datalist.json").exists()
    report = prepare_siim(raw, leave_out_orphans=True)
    assert "note: left out 2 images without mask" in report
    assert len(rows_of(listed(raw))) == CASES - 3


def test_patients_come_from_the_table_named(twin: Twin, tmp_path: Path, listed: Listed) -> None:
    raw = twin("siim", CASES)
    table = tmp_path / "mine.csv"
    stems = sorted(path.stem for path in (raw / "png_images").iterdir())
    table.write_text("image,patient\n" + "".join(f"{stem}.png,Q\n" for stem in stems))
    prepare_siim(raw, groups=Groups(table))
    assert {row["group"] for row in rows_of(listed(raw))} == {"Q"}
    table.write_text(f"image,patient\n{stems[0]},Q\n")
    with pytest.raises(InputError, match=rf"mine\.csv: no row for {CASES - 1} of {CASES} images"):
        prepare_siim(raw, groups=Groups(table))


def test_without_patients_there_is_a_note_and_no_group(twin: Twin, listed: Listed) -> None:
    raw = twin("siim", CASES)
    (raw / "patients.csv").unlink()
    assert "note: no table of patients" in prepare_siim(raw)
    assert not any("group" in row for row in rows_of(listed(raw)))


def test_bad_masks_are_counted_and_listed(twin: Twin) -> None:
    raw = twin("siim", CASES)
    for path in sorted((raw / "png_masks").iterdir())[:3]:
        path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"\(and 2 more bad files, all listed in .*bad_files\.txt\)"):
        prepare_siim(raw)
    assert len((raw / "bad_files.txt").read_text().splitlines()) == 3
    assert not (raw / "datalist.json").exists()


@pytest.mark.parametrize(("remove", "match"), [
    (("png_images", "png_masks"), "neither png_images/ nor DICOM files in it"),
    (("png_masks", "train-rle.csv"), "0 tables of run lengths in it, expected train-rle.csv; name the table with"),
])  # fmt: skip
def test_an_unknown_layout_is_one_line(twin: Twin, remove: tuple[str, ...], match: str) -> None:
    raw = twin("siim", 2)
    for name in remove:
        shutil.rmtree(raw / name) if (raw / name).is_dir() else (raw / name).unlink()
    with pytest.raises(InputError, match=match):
        prepare_siim(raw)
