from __future__ import annotations

import random
import zipfile
from pathlib import Path

import pytest
from packed_bundle import Files, pack, with_manifest

from monai_seg.bundle import check_bundle, write_archive
from monai_seg.bundle.archive import ArchiveError, read_entries
from monai_seg.errors import InputError

SMALL = {"configs/train.json": b'{"x": 1}\n', "LICENSE": b"free\n", "docs/README.md": b"# A\n"}


def test_zipfile_reads_what_was_written(tmp_path: Path):
    (tmp_path / "w.bin").write_bytes(bytes(range(256)) * 5000)
    write_archive(tmp_path / "a.zip", "siim", {**SMALL, "models/w.bin": tmp_path / "w.bin"})
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert file.testzip() is None
        assert file.namelist() == [f"siim/{name}" for name in (
            "LICENSE", "configs/train.json", "docs/README.md", "models/w.bin")]
        assert file.read("siim/LICENSE") == b"free\n"
        assert file.read("siim/models/w.bin") == (tmp_path / "w.bin").read_bytes()
        assert {(info.date_time, info.external_attr >> 16, info.compress_type) for info in file.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), 0o100644, zipfile.ZIP_STORED)}


def test_equal_files_give_equal_bytes_in_any_order(tmp_path: Path):
    write_archive(tmp_path / "a.zip", "siim", SMALL)
    write_archive(tmp_path / "b.zip", "siim", dict(reversed(SMALL.items())))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_zipfile_writes_the_same_bytes(tmp_path: Path):
    write_archive(tmp_path / "a.zip", "siim", SMALL)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as file:
        for name in sorted(SMALL):
            info = zipfile.ZipInfo(f"siim/{name}")  # 1980-01-01, stored
            info.create_system, info.external_attr = 3, 0o100644 << 16
            file.writestr(info, SMALL[name])
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_the_reader_agrees_with_zipfile(tmp_path: Path):
    write_archive(tmp_path / "a.zip", "siim", SMALL)
    data = memoryview((tmp_path / "a.zip").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.zip") as file:
        assert [(entry.name, entry.size, entry.header, entry.crc) for entry in read_entries(data)] == [
            (info.filename, info.file_size, info.header_offset, info.CRC) for info in file.infolist()]


@pytest.mark.parametrize("seed", range(30))
def test_no_rubbish_makes_the_reader_fail_otherwise_than_by_its_error(seed: int, tmp_path: Path):
    write_archive(tmp_path / "a.zip", "siim", SMALL)
    data, draw = bytearray((tmp_path / "a.zip").read_bytes()), random.Random(seed)
    for _ in range(200):
        broken = bytearray(data)
        for _ in range(draw.randint(1, 4)):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        try:
            read_entries(memoryview(bytes(broken)))
        except ArchiveError as error:
            assert str(error)


def test_a_file_that_is_not_there_is_told_and_nothing_is_left(tmp_path: Path):
    with pytest.raises(InputError, match=r"no\.bin: cannot be read \(No such file"):
        write_archive(tmp_path / "a.zip", "siim", {"models/x": tmp_path / "no.bin"})
    assert list(tmp_path.iterdir()) == []


def test_every_byte_of_a_small_bundle_counts(tmp_path: Path):
    path = pack({"LICENSE": b"free\n"}, tmp_path / "siim.zip")
    assert check_bundle(path).refusals == []
    data, draw = path.read_bytes(), random.Random(0)
    unseen = []
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << draw.randrange(8)
        path.write_bytes(changed)
        if not check_bundle(path).refusals:
            unseen.append(place)
    assert unseen == []


def test_a_changed_byte_in_any_file_is_found_though_the_zip_is_made_anew(clean_files: Files, tmp_path: Path):
    """As someone would who unpacks, changes and packs again: only the manifest can tell."""
    files, draw = with_manifest(clean_files), random.Random(1)
    for name, content in files.items():
        for _ in range(3 if content else 0):
            changed = bytearray(content)
            changed[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
            write_archive(tmp_path / "siim.zip", "siim", {**files, name: bytes(changed)})
            assert check_bundle(tmp_path / "siim.zip").refusals, name


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_byte_anywhere_in_the_zip_is_found(clean_files: Files, seed: int, tmp_path: Path):
    path, draw = pack(clean_files, tmp_path / "siim.zip"), random.Random(seed)
    data = path.read_bytes()
    for _ in range(25):
        changed = bytearray(data)
        changed[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        path.write_bytes(changed)
        assert check_bundle(path).refusals
