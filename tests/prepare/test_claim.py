from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.claim import NAME, claim, claimed_with, is_done, settle_out


def test_a_claimed_folder_is_ours_with_the_same_facts_only(tmp_path: Path) -> None:
    claim(tmp_path / "out", {"by": "x", "window": [0.0, 1.0]}, ["images"])
    (tmp_path / "out" / "images").mkdir()
    (tmp_path / "out" / "images" / "a.png").touch()
    claim(tmp_path / "out", {"by": "x", "window": [0.0, 1.0]}, ["images"])
    with pytest.raises(InputError, match=r"was prepared with window \[0.0, 1.0\], now it is \[0.0, 2.0\]"):
        claim(tmp_path / "out", {"by": "x", "window": [0.0, 2.0]}, ["images"])


def test_files_of_others_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    claim(tmp_path, {"by": "x"}, ["masks"])  # not in the way
    (tmp_path / NAME).unlink()
    (tmp_path / "images" / "a.png").touch()
    with pytest.raises(InputError, match="images: is there already, and was not written by this program"):
        claim(tmp_path, {"by": "x"}, ["masks", "images"])
    assert claimed_with(tmp_path) is None


@pytest.mark.parametrize("text", ["{", "[]"])
def test_an_unreadable_mark_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(InputError, match="what the folder holds"):
        claim(tmp_path, {"by": "x"}, [])


def test_remains_of_dead_processes_are_removed_those_of_others_stay(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    claim(tmp_path, {"by": "x"}, [])
    gone, stays, foreign = (tmp_path / f".a.png.{name}.tmp" for name in (dead.pid, os.getpid(), "mine"))
    for path in (gone, stays, foreign):
        path.touch()
    claim(tmp_path, {"by": "x"}, [])
    assert [path.exists() for path in (gone, stays, foreign)] == [False, True, True]


def test_a_result_is_done_when_no_source_is_newer(tmp_path: Path) -> None:
    source, result = tmp_path / "source", tmp_path / "result"
    source.touch()
    assert not is_done(result, source)
    result.touch()
    os.utime(source, ns=(0, 1_000_000_000))
    assert is_done(result, source)
    os.utime(result, ns=(0, 999_999_999))
    assert not is_done(result, source)


def test_the_folder_to_write_to_is_settled(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    assert settle_out(raw, None) == settle_out(raw, tmp_path / "x" / ".." / "raw") == raw
    assert settle_out(raw, tmp_path / "out") == tmp_path / "out"
    with pytest.raises(InputError, match=r"lies inside .*raw, which is to be read"):
        settle_out(raw, raw / "out")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file, expected a folder"):
        settle_out(raw, tmp_path / "file")
