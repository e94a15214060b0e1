"""Hostile bundles of every kind are refused, for the right reason, and nothing of them runs."""

from __future__ import annotations

from pathlib import Path

import hostile_archives
import hostile_configs
import hostile_files
import hostile_pickles
import pytest
from hostile_bundle import ALL, CANARY, Hostile
from packed_bundle import Files, pack
from watch import watched

from monai_seg.bundle import check_bundle, unpack
from monai_seg.errors import InputError

KINDS = (hostile_archives, hostile_configs, hostile_files, hostile_pickles)


def write(hostile: Hostile, files: Files, folder: Path) -> Path:
    built = hostile.build(files)
    path = folder / "siim.zip"
    if isinstance(built, bytes):
        path.write_bytes(built)
        return path
    return pack(built, path)


def test_there_are_many_of_each_kind_and_each_has_its_name():
    assert len({hostile.name for hostile in ALL}) == len(ALL) >= 60
    assert all(sum(hostile.build.__module__ == kind.__name__ for hostile in ALL) >= 15 for kind in KINDS)


@pytest.mark.parametrize("hostile", [pytest.param(hostile, id=hostile.name) for hostile in ALL])
def test_it_is_refused_and_nothing_of_it_runs(hostile: Hostile, clean_files: Files, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    path = write(hostile, clean_files, tmp_path)
    with watched() as alarms:
        report = check_bundle(path)
    lines = [finding.line() for finding in report.refusals]
    assert any(hostile.refusal in line for line in lines), lines
    assert alarms == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["siim.zip"]
    assert not (tmp_path / CANARY).exists()
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("hostile", [pytest.param(hostile, id=hostile.name) for hostile in ALL[::5]])
def test_it_is_not_unpacked(hostile: Hostile, clean_files: Files, tmp_path: Path):
    path = write(hostile, clean_files, tmp_path)
    with pytest.raises(InputError, match="is refused"):
        unpack(path, tmp_path / "new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["siim.zip"]


def test_the_watch_sees_what_runs(tmp_path: Path):
    with watched() as alarms:
        exec("1")
        (tmp_path / "x").write_text("x")
    assert "exec" in alarms and any("for writing" in alarm for alarm in alarms)


def test_a_clean_bundle_passes_and_the_same_watch_is_silent(clean_zip: Path):
    with watched() as alarms:
        report = check_bundle(clean_zip)
    assert report.refusals == []
    assert [note.cause for note in report.notes] == ["contains code: 3 files of monai_seg 0.1.0"]
    assert alarms == []
