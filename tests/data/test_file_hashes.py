from __future__ import annotations

import hashlib
import os
from itertools import product
from pathlib import Path

import pytest

from monai_seg.data.file_hashes import CaseTable, table_of
from monai_seg.data.rle_table import MARK
from monai_seg.errors import InputError


def write(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def test_each_file_is_hashed_once_under_its_name_in_the_set(tmp_path: Path) -> None:
    masks = [write(tmp_path / "masks" / f"{number}.png", bytes([number])) for number in (1, 2)]
    table = write(tmp_path / "rle.csv", b"rows")
    cases = {"training": [{"image": write(tmp_path / "a.png", b"abc"), "label": masks, "group": "p1"}],
             "validation": [{"image": write(tmp_path / name, b"x"), "label": f"{table}{MARK}{name}"}
                            for name in ("b.png", "c.png")]}  # fmt: skip
    found = table_of(cases, tmp_path)
    assert sorted(found.files) == ["a.png", "b.png", "c.png", "masks/1.png", "masks/2.png", "rle.csv"]
    # FIPS 180-2, appendix B.1
    assert found.files["a.png"][2] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert found.files["rle.csv"] == (4, os.stat(table).st_mtime_ns, hashlib.sha256(b"rows").hexdigest())
    assert sorted(found.cases) == ["a.png", "b.png", "c.png"]


def test_a_table_survives_json(tmp_path: Path) -> None:
    found = table_of({"training": [{"image": write(tmp_path / "ä b.png", b"abc")}]}, tmp_path)
    again = CaseTable.from_json(found.to_json())
    assert (again.cases, again.files) == (found.cases, found.files)
    assert again.changes_since(found) == []
    assert (again.list_sha256, again.files_sha256) == (found.list_sha256, found.files_sha256)


def test_what_is_known_is_trusted_by_size_and_time_alone(tmp_path: Path) -> None:
    cases = {"training": [{"image": write(tmp_path / "a.png", b"abc")}]}
    known = table_of(cases, tmp_path)
    stat = os.stat(tmp_path / "a.png")
    write(tmp_path / "a.png", b"abd")
    os.utime(tmp_path / "a.png", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert table_of(cases, tmp_path, known.files).changes_since(known) == []
    os.utime(tmp_path / "a.png", ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    assert table_of(cases, tmp_path, known.files).changes_since(known) == ["1 files with another content (a.png)"]


def test_many_names_are_cut_short() -> None:
    earlier, now = CaseTable({}, {}), CaseTable({f"{number}.png": "" for number in range(5)}, {})
    assert now.changes_since(earlier) == ["5 cases added (0.png, 1.png, 2.png, …)"]


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.png: cannot be read \(No such file or directory\); restore it"):
        table_of({"training": [{"image": str(tmp_path / "a.png")}]}, tmp_path)


def test_files_go_by_their_path_relative_to_the_set_however_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "set" / "a" / "b").mkdir(parents=True)
    for folder in (".", "a", "a/b", ".."):
        (tmp_path / "set" / folder / "x.png").write_text(folder)
    root = tmp_path / "set"
    for parts in product(("a", "b", "..", ".", ""), repeat=2):
        file = f"{root}/{'/'.join(parts)}/x.png"
        if os.path.exists(file):
            name = Path(os.path.relpath(file, root)).as_posix()
            table = table_of({"training": [{"image": file, "label": file}]}, root)
            assert list(table.cases) == list(table.files) == [name]
