"""Zips that would harm whoever unpacks them, or that two readers read in two ways."""

from __future__ import annotations

import io
import json
import stat
import struct
import tempfile
import warnings
import zipfile
from pathlib import Path

from hostile_bundle import hostile
from packed_bundle import Files, pack, with_manifest

from monai_seg.bundle import manifest_bytes, write_archive


def _packed(files: Files) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return pack(files, Path(folder) / "x.zip").read_bytes()


def _as_is(files: Files) -> bytes:
    """Packed without making the manifest anew."""
    with tempfile.TemporaryDirectory() as folder:
        write_archive(Path(folder) / "x.zip", "siim", files)
        return (Path(folder) / "x.zip").read_bytes()


def _zipped(*members: tuple[str, bytes], mode: int = 0o100644, method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that is given twice
        for name, data in members:
            info = zipfile.ZipInfo(name)
            info.filename, info.external_attr, info.compress_type, info.create_system = name, mode << 16, method, 3
            file.writestr(info, data)
    return out.getvalue()


@hostile("climbs out of its folder")
def name_upwards(files: Files) -> bytes:
    return _zipped(("siim/../../canary", b"x"))


@hostile("is an absolute path")
def name_from_the_root(files: Files) -> bytes:
    return _zipped(("/tmp/canary", b"x"))


@hostile("names a drive")
def name_with_a_drive(files: Files) -> bytes:
    return _zipped(("C:canary", b"x"))


@hostile("holds a backslash")
def name_with_a_backslash(files: Files) -> bytes:
    return _zipped(("siim/..\\..\\canary", b"x"))


@hostile("is a device on Windows")
def name_of_a_device(files: Files) -> bytes:
    return _packed({**files, "docs/aux.txt": b"x"})


@hostile("is not made of plain letters")
def name_with_a_control_character(files: Files) -> bytes:
    return _zipped(("siim/a\x1b[31mb", b"x"))


@hostile("is longer than")
def name_too_long(files: Files) -> bytes:
    return _zipped(("siim/" + "a" * 300, b"x"))


@hostile("is a folder of its own")
def folder_as_a_member(files: Files) -> bytes:
    return _zipped(("siim/docs/", b""))


@hostile("is a link")
def link(files: Files) -> bytes:
    return _zipped(("siim/docs/README.md", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777)


@hostile("is no plain file")
def pipe(files: Files) -> bytes:
    return _zipped(("siim/docs/README.md", b""), mode=stat.S_IFIFO | 0o644)


@hostile("is there twice")
def member_twice(files: Files) -> bytes:
    return _zipped(("siim/LICENSE", b"a"), ("siim/LICENSE", b"b"))


@hostile("is the same file as 'siim/LICENSE' on some systems")
def members_that_differ_by_case(files: Files) -> bytes:
    return _zipped(("siim/LICENSE", b"a"), ("siim/license", b"b"))


@hostile("is the same file as 'siim/caf\u00e9' on some systems")
def members_that_differ_by_composition(files: Files) -> bytes:
    return _zipped(("siim/caf\u00e9", b"a"), ("siim/cafe\u0301", b"b"))


@hostile("which is a file")
def file_that_is_a_folder(files: Files) -> bytes:
    return _zipped(("siim/docs", b"a"), ("siim/docs/README.md", b"b"))


@hostile("one folder is expected")
def two_folders_at_the_top(files: Files) -> bytes:
    return _zipped(("siim/LICENSE", b"a"), ("other/LICENSE", b"b"))


@hostile("members; 2000 are allowed")
def too_many_members(files: Files) -> bytes:
    return _zipped(*((f"siim/docs/{number}.txt", b"") for number in range(2001)))


@hostile("times its size")
def bomb(files: Files) -> bytes:
    return _zipped(("siim/docs/README.md", bytes(10**7)), method=zipfile.ZIP_DEFLATED)


@hostile("bytes; 4294967294 are allowed")
def bomb_of_many_parts(files: Files) -> bytes:
    """Sixty members that tell 90 MB each."""
    data = bytearray(_zipped(*((f"siim/docs/{number}.txt", bytes(1000)) for number in range(60))))
    for mark, offset in ((b"PK\3\4", 18), (b"PK\1\2", 20)):
        place = data.find(mark)
        while place >= 0:
            data[place + offset + 4:place + offset + 8] = struct.pack("<I", 90_000_000)
            place = data.find(mark, place + 4)
    return bytes(data)


@hostile("lies about its size")
def member_larger_than_it_tells(files: Files) -> bytes:
    data = bytearray(_zipped(("siim/LICENSE", b"a" * 60), method=zipfile.ZIP_DEFLATED))
    directory = data.find(b"PK\1\2")
    data[22:26] = data[directory + 24:directory + 28] = struct.pack("<I", 10)
    return bytes(data)


@hostile("its directory and its header differ")
def header_and_directory_differ(files: Files) -> bytes:
    data = bytearray(_packed(files))
    data[22:26] = struct.pack("<I", 10)
    return bytes(data)


@hostile("tells two things about")
def two_names_for_one_member(files: Files) -> bytes:
    data = bytearray(_packed(files))
    data[30 + 5] ^= 1  # first letter behind siim/ in the local header
    return bytes(data)


@hostile("is encrypted")
def encrypted(files: Files) -> bytes:
    data = bytearray(_zipped(("siim/LICENSE", b"a")))
    data[6] |= 1
    data[data.find(b"PK\1\2") + 8] |= 1
    return bytes(data)


@hostile("is compressed by method 12")
def unusual_compression(files: Files) -> bytes:
    return _zipped(("siim/LICENSE", b"a" * 100), method=zipfile.ZIP_BZIP2)


@hostile("bookkeeping was changed")
def compressed_by_another_program(files: Files) -> bytes:
    members = sorted(with_manifest(files).items())
    return _zipped(*((f"siim/{name}", data) for name, data in members), method=zipfile.ZIP_DEFLATED)


@hostile("in another order")
def other_order(files: Files) -> bytes:
    return _zipped(*((f"siim/{name}", data) for name, data in reversed(with_manifest(files).items())))


@hostile("does not end as a plain zip")
def comment_at_the_end(files: Files) -> bytes:
    data = bytearray(_packed(files))
    data[-2:] = struct.pack("<H", 4)
    return bytes(data) + b"evil"


@hostile("directory that does not reach")
def program_before_the_zip(files: Files) -> bytes:
    return b"#!/bin/sh\ntouch canary\nexit\n" + _packed(files)


@hostile("is damaged: its checksum differs")
def content_damaged(files: Files) -> bytes:
    data = _packed(files)
    place = data.index(files["docs/data_license.txt"])
    return data[:place] + b"X" + data[place + 1:]


@hostile("does not end as a plain zip")
def no_zip_at_all(files: Files) -> bytes:
    return b"hello"


@hostile("does not end as a plain zip")
def cut_off(files: Files) -> bytes:
    return _packed(files)[:-100]


@hostile("is not listed in MANIFEST.json")
def file_beside_the_manifest(files: Files) -> bytes:
    return _as_is({**with_manifest(files), "docs/more.txt": b"x"})


@hostile("is listed in MANIFEST.json and not there")
def file_missing(files: Files) -> bytes:
    return _as_is({path: data for path, data in with_manifest(files).items() if path != "LICENSE"})


@hostile("its size or hash differs")
def file_exchanged(files: Files) -> bytes:
    return _as_is({**with_manifest(files), "LICENSE": b"all rights reserved\n"})


@hostile("is missing or cannot be read")
def no_manifest(files: Files) -> bytes:
    return _as_is(files)


@hostile("is not the hash of this manifest")
def manifest_changed(files: Files) -> bytes:
    manifest = json.loads(with_manifest(files)["MANIFEST.json"])
    return _as_is({**files, "MANIFEST.json": manifest_bytes({**manifest, "run": {"seed": 7}})})


@hostile("is not written as pack writes it")
def manifest_written_otherwise(files: Files) -> bytes:
    return _as_is({**files, "MANIFEST.json": with_manifest(files)["MANIFEST.json"] + b" "})


@hostile("lists 'LICENSE' twice")
def manifest_that_lists_twice(files: Files) -> bytes:
    manifest = json.loads(with_manifest(files)["MANIFEST.json"])
    manifest["files"].append(next(file for file in manifest["files"] if file["path"] == "LICENSE"))
    return _as_is({**files, "MANIFEST.json": manifest_bytes(manifest)})


@hostile("is 2; this version reads 1")
def manifest_of_another_format(files: Files) -> bytes:
    manifest = json.loads(with_manifest(files)["MANIFEST.json"])
    return _as_is({**files, "MANIFEST.json": manifest_bytes({**manifest, "format": 2})})


@hostile("name: is 'siim'; the folder is 'other'")
def name_of_another_bundle(files: Files) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        write_archive(Path(folder) / "x.zip", "other", with_manifest(files, "siim"))
        return (Path(folder) / "x.zip").read_bytes()
