from __future__ import annotations

import os
from pathlib import Path
from typing import IO

import pytest

from monai_seg import durable
from monai_seg.durable import free_mb, make_folder, write_bytes_durably, write_durably, write_text_durably
from monai_seg.errors import InputError


def failing(error: BaseException):
    def write(file: IO[bytes]) -> None:
        file.write(b"half of the new")
        raise error

    return write


def test_the_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text_durably(path, "old, and longer than the new one")
    write_text_durably(path, "neu: ä")
    assert path.read_bytes() == "neu: ä".encode()
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [RuntimeError("bug"), KeyboardInterrupt(), MemoryError()])
def test_a_failing_write_leaves_the_old_file_and_no_other(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(type(error)):
        write_durably(path, failing(error))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_full_disk_is_named_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(InputError, match=rf"^{path}: cannot be written \(No space left on device\); free space"):
        write_durably(path, failing(OSError(28, "No space left on device")))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_rename_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "a.txt"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        write_text_durably(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_the_new_content_is_on_the_disk_before_it_takes_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    replace, fsync = os.replace, os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(os, "replace", lambda *names: (steps.append("replace"), replace(*names))[1])
    write_text_durably(tmp_path / "a.txt", "new")
    assert steps == ["fsync", "replace", "fsync"]  # file, rename, folder


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none/a\.txt: cannot be written \(No such file or directory\)"):
        write_text_durably(tmp_path / "none" / "a.txt", "new")


def test_make_folder_makes_parents_and_leaves_them_empty(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "a" / "b")
    assert folder.is_dir()
    assert os.listdir(folder) == []
    assert make_folder(folder) == folder
    assert free_mb(folder) > 0


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match=r"a: cannot be written \(File exists\)"):
        make_folder(tmp_path / "a")


def test_bytes_are_refused_before_anything_is_written_where_the_disk_has_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(durable, "free_mb", lambda folder: 1.0)
    with pytest.raises(InputError, match=r"a\.bin: cannot be written \(No space left on device: 2\.0 MB needed"):
        write_bytes_durably(path, bytes(2_000_000))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]
    write_bytes_durably(path, bytes(900_000))
    assert path.stat().st_size == 900_000


def test_bytes_that_read_back_differently_never_take_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"nex")
    with pytest.raises(InputError, match="reads back differently"):
        write_bytes_durably(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]
