from __future__ import annotations

import os
from pathlib import Path

import pytest

from monai_seg.data.spare_file import HASH_BYTES, hash_of, write_spare


def test_content_is_there_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "x.case"
    write_spare(file, b"one")
    write_spare(str(file), b"two")
    assert file.read_bytes() == b"two"
    assert os.listdir(file.parent) == ["x.case"]


def test_what_was_there_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.case"
    write_spare(file, b"one")

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="No space"):
        write_spare(file, b"two")
    assert file.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["x.case"]


def test_hashes_differ_where_contents_do() -> None:
    assert len({hash_of(content) for content in (b"", b"a", b"b", b"ab")}) == 4
    assert len(hash_of(b"")) == HASH_BYTES
