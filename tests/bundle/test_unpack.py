from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from packed_bundle import Files, with_manifest

from monai_seg.bundle import check_bundle, unpack
from monai_seg.errors import InputError


def test_all_files_come_out_as_they_went_in(clean_files: Files, clean_zip: Path, tmp_path: Path):
    report = unpack(clean_zip, tmp_path / "deep" / "new")
    folder = tmp_path / "deep" / "new"
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == with_manifest(clean_files)
    assert report.name == "siim" and len(report.files) == len(found)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o644}
    assert {stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")] if path.is_dir()} == {0o755}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["new"]


def test_what_came_out_passes_the_check_with_the_same_hash(clean_zip: Path, tmp_path: Path):
    zipped = unpack(clean_zip, tmp_path / "new")
    unpacked = check_bundle(tmp_path / "new")
    assert unpacked.refusals == [] and unpacked.form == "folder"
    assert unpacked.sha256 == zipped.sha256 != ""


@pytest.mark.parametrize("make", [
    lambda path: path.mkdir(), lambda path: path.write_text("x"), lambda path: path.symlink_to(path.parent / "nowhere"),
], ids=["folder", "file", "dangling link"])  # fmt: skip
def test_what_is_there_is_refused_and_stays(make, clean_zip: Path, tmp_path: Path):
    make(tmp_path / "new")
    before = os.lstat(tmp_path / "new")
    with pytest.raises(InputError, match="new: is there already; name a new folder"):
        unpack(clean_zip, tmp_path / "new")
    assert os.lstat(tmp_path / "new").st_ino == before.st_ino
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "siim.zip"]


def test_nothing_is_left_when_the_disk_fails(clean_zip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 5:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"cannot be written \(No space left on device\); free space"):
        unpack(clean_zip, tmp_path / "new")
    assert len(calls) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["siim.zip"]


def test_a_zip_that_changes_after_the_check_is_not_unpacked(clean_zip: Path, tmp_path: Path,
                                                             monkeypatch: pytest.MonkeyPatch):
    from monai_seg.bundle.inspect.check_bundle import check_opened

    def check_then_change(path: Path, *arguments, **options):
        report = check_opened(path, *arguments, **options)
        place = path.read_bytes().index(b"CC BY 4.0")
        with open(path, "r+b") as file:
            file.seek(place)
            file.write(b"X")
        return report

    monkeypatch.setitem(unpack.__globals__, "check_opened", check_then_change)
    with pytest.raises(InputError, match=r"docs/data_license\.txt: changed between check and unpacking"):
        unpack(clean_zip, tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["siim.zip"]


def test_a_refused_bundle_is_told_with_its_reason(clean_zip: Path, tmp_path: Path):
    clean_zip.write_bytes(clean_zip.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"siim\.zip: is refused: siim\.zip: does not end as a plain zip"):
        unpack(clean_zip, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_is_no_zip(tmp_path: Path):
    with pytest.raises(InputError, match="is a folder already; name a zip"):
        unpack(tmp_path, tmp_path / "new")
