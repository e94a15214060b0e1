"""Files that torch writes: a zip with a pickle and one record per storage. Read by opcode, never loaded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monai_seg.bundle.archive import ArchiveError, Entry, read_entries
from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.limits import PICKLE_BYTES
from monai_seg.bundle.inspect.names import name_problems
from monai_seg.bundle.inspect.pickle_machine import PickleError, run_pickle
from monai_seg.bundle.inspect.state_dict import StateError, storages_of

SAVE_AGAIN = "save it by torch.save({'model': network.state_dict()}, path)"
BOOKKEEPING = re.compile(r"version|byteorder|\.format_version|\.storage_alignment|\.data/(serialization_id|version)")
STORAGE = re.compile(r"data/\d+")
CODE = re.compile(r".*\.(so|dll|dylib|pyd|pyc|cubin|o|a|exe|sh)", re.IGNORECASE)


def check_weights(file: str, data: memoryview) -> Iterator[Finding]:
    """Refuse all but a state dict under the key ``model``, of tensors that lie within their own records."""
    try:
        records = read_records(data)
    except ArchiveError as error:
        yield Finding(file, "", str(error), SAVE_AGAIN)
        return
    code = [name for name in records if name.startswith("code/") or name in ("constants.pkl", "archive_format")]
    if code:
        yield Finding(file, code[0], "is an exported program under the name of weights", SAVE_AGAIN)
        return
    for name in records:
        if name != "data.pkl" and not STORAGE.fullmatch(name) and not BOOKKEEPING.fullmatch(name):
            yield Finding(file, name, "is no record of weights", SAVE_AGAIN)
    if "data.pkl" not in records:
        yield Finding(file, "data.pkl", "is missing", SAVE_AGAIN)
        return
    if bytes(records.get("byteorder", memoryview(b"little"))) != b"little":
        yield Finding(file, "byteorder", "is not little", SAVE_AGAIN)
    yield from _state(file, records)


def _state(file: str, records: dict[str, memoryview]) -> Iterator[Finding]:
    if len(records["data.pkl"]) > PICKLE_BYTES:
        yield Finding(file, "data.pkl", f"is longer than {PICKLE_BYTES} bytes", SAVE_AGAIN)
        return
    try:
        told = storages_of(run_pickle(bytes(records["data.pkl"])))
    except (PickleError, StateError) as error:
        yield Finding(file, "data.pkl", str(error), SAVE_AGAIN)
        return
    held = {name.removeprefix("data/"): len(content) for name, content in records.items() if STORAGE.fullmatch(name)}
    for key in sorted(told.keys() | held.keys()):
        if told.get(key) != held.get(key):
            yield Finding(file, f"data/{key}", f"has {held.get(key, 'no')} bytes where the weights take "
                          f"{told.get(key, 'none')}", SAVE_AGAIN)


def check_program(file: str, data: memoryview) -> Iterator[Finding]:
    """Check the zip of an exported program whose code the caller has allowed: no machine code, no unsafe names."""
    try:
        records = read_records(data, is_stored=False)
    except ArchiveError as error:
        yield Finding(file, "", str(error), "export it again")
        return
    if "constants.pkl" not in records and "archive_format" not in records:
        yield Finding(file, "", "is no exported program", "export it again")
    for name in records:
        if CODE.fullmatch(name):
            yield Finding(file, name, "is machine code", "export it without compiled parts")


def read_records(data: memoryview, is_stored: bool = True) -> dict[str, memoryview]:
    """Return the records of a file that torch wrote, by name below its one folder.

    Args:
        data: the file.
        is_stored: refuse compressed records, which weights never are.

    Raises:
        ArchiveError: it is an old format, or no sound zip; the text is the cause.
    """
    if bytes(data[:4]) != b"PK\3\4":
        if bytes(data[:1]) == b"\x80":
            raise ArchiveError("is a bare pickle, which is code when it is loaded")
        if bytes(data[257:262]) == b"ustar":
            raise ArchiveError("is a tar of pickles, which is code when it is loaded")
        raise ArchiveError("is no zip as torch writes it")
    entries = read_entries(data, has_large_end=True)
    names = [entry.name for entry in entries]
    for entry in entries:
        inner = entry.name.partition("/")[2]
        problem = "" if BOOKKEEPING.fullmatch(inner) else next(name_problems(entry.name), "")
        if problem or not inner:
            raise ArchiveError(f"holds {entry.name!r}, whose name {problem or 'lies outside of the folder'}")
        is_code = inner.startswith("code/")  # to be told as such
        if entry.flags & 1 or entry.method not in ((0,) if is_stored and not is_code else (0, 8)):
            raise ArchiveError(f"holds {entry.name!r} encrypted or compressed, as torch does not write it")
    if len(set(names)) != len(names) or len({name.partition("/")[0] for name in names}) != 1:
        raise ArchiveError("holds a record twice, or more than one folder")
    return {entry.name.partition("/")[2]: _content(entry, data) for entry in entries}


def _content(entry: Entry, data: memoryview) -> memoryview:
    if entry.method == 0 and entry.packed != entry.size:
        raise ArchiveError(f"lies about the size of {entry.name!r}")
    return data[entry.start:entry.start + entry.packed]
