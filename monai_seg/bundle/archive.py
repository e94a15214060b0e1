"""A packed bundle's zip: one way to write it, and a reader that believes nothing.

There is one canonical zip for given files: stored, sorted by name, all of 1980-01-01 and mode 0644, without comments
and extra fields, nothing between the parts. So equal files give equal bytes, and a change of any byte that is not
content can be found by writing the frame again.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from monai_seg.durable import write_durably
from monai_seg.errors import InputError

LOCAL, CENTRAL, END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
LARGE_END, LOCATOR = struct.Struct("<4sQ2H2I4Q"), struct.Struct("<4sIQI")
LOCAL_MARK, CENTRAL_MARK, END_MARK, DESCRIPTOR_MARK = b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\7\x08"
NEEDS, MADE_BY, DATE, MODE = 20, (3 << 8) + 20, (1 << 5) + 1, 0o100644 << 16  # zip 2.0, Unix, 1980-01-01
HAS_DESCRIPTOR = 1 << 3
LARGEST = 2**32 - 2  # bytes of the whole; beyond it other fields would be needed
BLOCK = 1 << 20

Content = bytes | Path


class ArchiveError(ValueError):
    """The structure of a zip is not sound; the text is the cause."""


@dataclass(frozen=True)
class Entry:
    """A member as the zip tells it.

    Args:
        name: its path, decoded as UTF-8.
        method: 0 stored, 8 deflated.
        flags: general purpose bits.
        crc, packed, size: of the central directory.
        header, start: offsets of the local header and of the data.
        mode: Unix mode, 0 where it is not told.
    """

    name: str
    method: int
    flags: int
    crc: int
    packed: int
    size: int
    header: int
    start: int
    mode: int


def write_archive(path: str | Path, top: str, files: Mapping[str, Content]) -> None:
    """Write the canonical zip of ``files`` below the folder ``top``, durably.

    Args:
        path: the zip; an older file is replaced when the new one is whole.
        top: name of the folder that holds all.
        files: path in the bundle with ``/`` -> bytes, or a file to be copied.

    Raises:
        InputError: a file cannot be read or changes meanwhile, or the whole is too large for a plain zip.
    """
    named = sorted((f"{top}/{name}", content) for name, content in files.items())
    total = sum(_size(content) + 2 * len(name) + 100 for name, content in named)
    if total > LARGEST or len(named) > 65535:
        raise InputError(path, f"would be {total} bytes", "leave out large files: a bundle stays below 4 GB")
    write_durably(path, lambda file: _write(file, named))


def _write(file: IO[bytes], named: list[tuple[str, Content]]) -> None:
    directory, offset = b"", 0
    for name, content in named:
        crc, size = _sum(content)
        header = local_header(name, crc, size)
        file.write(header)
        copied = 0
        for block in _blocks(content):
            file.write(block)
            copied = zlib.crc32(block, copied)
        if copied != crc:
            raise InputError(str(content), "changed while it was packed", "pack again when nothing writes to it")
        directory += central_header(name, crc, size, offset)
        offset += len(header) + size
    file.write(directory + end_record(len(named), len(directory), offset))


def local_header(name: str, crc: int, size: int) -> bytes:
    """Return what stands before a member's data in a canonical zip."""
    return LOCAL.pack(LOCAL_MARK, NEEDS, 0, 0, 0, DATE, crc, size, size, len(name.encode()), 0) + name.encode()


def central_header(name: str, crc: int, size: int, offset: int) -> bytes:
    """Return a member's line in the directory of a canonical zip."""
    return CENTRAL.pack(CENTRAL_MARK, MADE_BY, NEEDS, 0, 0, 0, DATE, crc, size, size, len(name.encode()), 0, 0, 0, 0,
                        MODE, offset) + name.encode()


def end_record(count: int, size: int, offset: int) -> bytes:
    """Return the end of a canonical zip."""
    return END.pack(END_MARK, 0, 0, count, count, size, offset, 0)


def read_entries(data: memoryview, most: int = 65535, has_large_end: bool = False) -> list[Entry]:
    """Return the members of a zip whose parts follow each other without gaps and agree with each other.

    Args:
        data: the zip.
        most: members that are allowed.
        has_large_end: before the end stand the two records for large zips, as torch writes them for all.

    Raises:
        ArchiveError: something stands before, between or after the parts, headers disagree, or there are more than
            ``most`` members. Readers differ in what they make of such a file.
    """
    if len(data) < END.size or bytes(data[-END.size:-END.size + 4]) != END_MARK:
        raise ArchiveError("does not end as a plain zip without comment does")
    _, disk, first, here, count, size, offset, comment = END.unpack(data[-END.size:])
    end = len(data) - END.size
    if has_large_end:
        end -= LARGE_END.size + LOCATOR.size
        large = LARGE_END.pack(b"PK\6\6", 44, 0x031E, 45, 0, 0, count, count, size, offset)
        if end < 0 or data[end:-END.size] != large + LOCATOR.pack(b"PK\6\7", 0, end, 1):
            raise ArchiveError("does not end as torch ends its files")
    if disk or first or comment or here != count or offset + size != end:
        raise ArchiveError("has a directory that does not reach from its start to the end of the file")
    if count > most:
        raise ArchiveError(f"has {count} members; {most} are allowed")
    entries, place = [], offset
    for _ in range(count):
        entry, place = _central(data, place, offset + size)
        entries.append(entry)
    if place != offset + size:
        raise ArchiveError("has something else in its directory")
    end = 0
    for entry in entries:
        if entry.header != end:
            raise ArchiveError(f"has bytes before {entry.name!r} that belong to no member, or members that overlap")
        end = _end_of(data, entry, offset)
    if end != offset:
        raise ArchiveError("has bytes before its directory that belong to no member")
    return entries


def _central(data: memoryview, place: int, end: int) -> tuple[Entry, int]:
    if place + CENTRAL.size > end:
        raise ArchiveError("has a directory that is cut off")
    (mark, made_by, _, flags, method, _, _, crc, packed, size, name_length, extra, comment, disk, _, attributes,
     header) = CENTRAL.unpack(data[place:place + CENTRAL.size])
    after = place + CENTRAL.size + name_length + extra + comment
    if mark != CENTRAL_MARK or disk or after > end:
        raise ArchiveError("has a directory that is not sound")
    raw = bytes(data[place + CENTRAL.size:place + CENTRAL.size + name_length])
    name, start = _local(data, header, raw, flags, method)
    mode = attributes >> 16 if made_by >> 8 == 3 else 0
    return Entry(name, method, flags, crc, packed, size, header, start, mode), after


def _local(data: memoryview, header: int, raw: bytes, flags: int, method: int) -> tuple[str, int]:
    if header + LOCAL.size > len(data):
        raise ArchiveError(f"has no data for {raw!r}")
    mark, _, *fields, name_length, extra = LOCAL.unpack(data[header:header + LOCAL.size])
    start = header + LOCAL.size + name_length + extra
    if mark != LOCAL_MARK or bytes(data[header + LOCAL.size:start - extra]) != raw or fields[:2] != [flags, method]:
        raise ArchiveError(f"tells two things about {raw!r}: its directory and its header differ")
    try:
        return raw.decode(), start
    except UnicodeDecodeError:
        raise ArchiveError(f"has a name that is no UTF-8: {raw!r}") from None


def _end_of(data: memoryview, entry: Entry, limit: int) -> int:
    """Where a member ends; sizes and checksum of its header, or behind its data, must be those of the directory."""
    end = entry.start + entry.packed
    if end > limit:
        raise ArchiveError(f"lies about the size of {entry.name!r}: its data would reach into the directory")
    told = struct.unpack("<3I", data[entry.header + 14:entry.header + 26])
    if entry.flags & HAS_DESCRIPTOR:
        if bytes(data[end:end + 4]) != DESCRIPTOR_MARK or end + 16 > limit:
            raise ArchiveError(f"lies about the size of {entry.name!r}: it does not end where it should")
        told, end = struct.unpack("<3I", data[end + 4:end + 16]), end + 16
    if told != (entry.crc, entry.packed, entry.size):
        raise ArchiveError(f"lies about the size of {entry.name!r}: its directory and its header differ")
    return end


def _size(content: Content) -> int:
    try:
        return len(content) if isinstance(content, bytes) else os.stat(content).st_size
    except OSError as error:
        raise InputError(str(content), f"cannot be read ({error.strerror})", "name files that are there") from error


def _sum(content: Content) -> tuple[int, int]:
    crc = size = 0
    for block in _blocks(content):
        crc, size = zlib.crc32(block, crc), size + len(block)
    return crc, size


def _blocks(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with open(content, "rb") as file:
        while block := file.read(BLOCK):
            yield block
