"""The zip of a packed bundle: limits first, then whether it is the one that pack would write."""

from __future__ import annotations

import stat
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monai_seg.bundle.archive import (
    LOCAL,
    ArchiveError,
    Entry,
    central_header,
    end_record,
    local_header,
    read_entries,
)
from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.limits import MEMBERS, RATIO, TOTAL_BYTES
from monai_seg.bundle.inspect.member import Member
from monai_seg.bundle.inspect.names import check_names

ENCRYPTED = 1 | 1 << 6 | 1 << 13
PACK_AGAIN = "fetch it again, or have it packed again by python -m monai_seg pack"


@dataclass(frozen=True)
class PackedFiles:
    """What a zip holds; no members where something was refused that makes reading them unsafe."""

    name: str
    members: list[Member]
    findings: list[Finding]


def open_packed(bundle: str, data: memoryview) -> PackedFiles:
    """Return the members of the zip ``data``; ``bundle`` is its file name."""
    if len(data) > TOTAL_BYTES:
        return PackedFiles("", [], [Finding(bundle, "", f"is larger than {TOTAL_BYTES} bytes", "refuse it")])
    try:
        entries = read_entries(data, MEMBERS)
    except ArchiveError as error:
        return PackedFiles("", [], [Finding(bundle, "", str(error), PACK_AGAIN)])
    names = [entry.name for entry in entries]
    tops = sorted({name.split("/")[0] for name in names})
    findings = [*check_names(bundle, names), *_limits(bundle, entries)]
    if len(tops) != 1 or tops[0] in names:
        findings.append(Finding(bundle, "", f"has {len(tops)} entries at its top; one folder is expected", PACK_AGAIN))
    if not findings:
        findings += _contents(entries, data)
    if findings:
        return PackedFiles("", [], findings)
    members = [Member(entry.name.partition("/")[2], _reader(entry, data)) for entry in entries]
    return PackedFiles(tops[0], members, list(_frame(bundle, entries, data)))


def _limits(bundle: str, entries: list[Entry]) -> Iterator[Finding]:
    total = sum(entry.size for entry in entries)
    if total > TOTAL_BYTES:
        yield Finding(bundle, "", f"would unpack to {total} bytes; {TOTAL_BYTES} are allowed", "refuse it")
    for entry in entries:
        if entry.flags & ENCRYPTED:
            yield Finding(entry.name, "", "is encrypted", PACK_AGAIN)
        elif entry.method not in (0, 8):
            yield Finding(entry.name, "", f"is compressed by method {entry.method}", PACK_AGAIN)
        elif entry.size > RATIO * max(entry.packed, 1):
            yield Finding(entry.name, "", f"would unpack to more than {RATIO} times its size", "refuse it")
        if entry.mode and stat.S_IFMT(entry.mode) not in (0, stat.S_IFREG):
            kind = "a link" if stat.S_ISLNK(entry.mode) else "no plain file"
            yield Finding(entry.name, "", f"is {kind}", PACK_AGAIN)


def _contents(entries: list[Entry], data: memoryview) -> Iterator[Finding]:
    """Read each member once, never past the size it tells."""
    for entry in entries:
        try:
            content = _reader(entry, data)()
        except (zlib.error, ArchiveError) as error:
            yield Finding(entry.name, "", f"lies about its size or is damaged ({error})", PACK_AGAIN)
            continue
        if zlib.crc32(content) != entry.crc:
            yield Finding(entry.name, "", "is damaged: its checksum differs", PACK_AGAIN)


def _reader(entry: Entry, data: memoryview) -> Callable[[], memoryview]:
    def read() -> memoryview:
        packed = data[entry.start:entry.start + entry.packed]
        if entry.method == 0:
            if entry.packed != entry.size:
                raise ArchiveError(f"{entry.packed} bytes for {entry.size}")
            return packed
        inflater = zlib.decompressobj(-15)
        content = inflater.decompress(packed, entry.size + 1)
        if len(content) != entry.size or not inflater.eof or inflater.unused_data:
            raise ArchiveError(f"it is not {entry.size} bytes")
        return memoryview(content)
    return read


def _frame(bundle: str, entries: list[Entry], data: memoryview) -> Iterator[Finding]:
    """Refuse a zip that differs from the canonical one in any byte that is not content."""
    cause = "is not as pack writes it: its time, mode, order, compression or other bookkeeping was changed"
    if [entry.name for entry in entries] != sorted(entry.name for entry in entries):
        yield Finding(bundle, "", "holds its members in another order than pack writes", PACK_AGAIN)
        return
    directory = b""
    for entry in entries:
        header = local_header(entry.name, entry.crc, entry.size)
        if entry.method or data[entry.header:entry.start] != header or entry.start != entry.header + len(header):
            yield Finding(entry.name, "", cause, PACK_AGAIN)
            return
        directory += central_header(entry.name, entry.crc, entry.size, entry.header)
    start = entries[-1].start + entries[-1].packed if entries else LOCAL.size
    if data[start:] != directory + end_record(len(entries), len(directory), start):
        yield Finding(bundle, "", cause, PACK_AGAIN)
