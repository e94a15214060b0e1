"""Unpack a bundle: after the check, into a new folder, all or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from monai_seg.bundle.inspect.check_bundle import BundleReport, check_opened
from monai_seg.bundle.inspect.member import Member, map_file
from monai_seg.bundle.inspect.packed import open_packed
from monai_seg.durable import flush_folder
from monai_seg.errors import InputError

BLOCK = 1 << 20


def unpack(bundle: str | Path, folder: str | Path, *, allow_torchscript: bool = False,
           allow_code: bool = False) -> BundleReport:
    """Write the files of a packed bundle into the new folder ``folder``, which then is the bundle's own.

    The zip is opened once, for the check and for the writing. Files are written beside, flushed, and the whole is
    renamed at the end; what is written must have the hash that was checked. Modes are 0644 and 0755.

    Args:
        bundle, allow_torchscript, allow_code: see `check_bundle`; here ``bundle`` is a zip.
        folder: must not be there yet.

    Raises:
        InputError: the check refuses the bundle, ``folder`` is there, or the file system refuses.
    """
    source, target = Path(bundle), Path(folder)
    if source.is_dir():
        raise InputError(source, "is a folder already", "name a zip")
    if os.path.lexists(target):
        raise InputError(target, "is there already", "name a new folder")
    opened = open_packed(source.name, map_file(source))
    report = check_opened(source, opened, allow_torchscript=allow_torchscript, allow_code=allow_code)
    if report.refusals:
        more = f" ({len(report.refusals)} reasons)" if len(report.refusals) > 1 else ""
        raise InputError(source, f"is refused{more}: {report.refusals[0].line()}",
                         "run python -m monai_seg check-bundle for all reasons")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
        try:
            _write_all(beside, opened.members, {file.path: file.sha256 for file in report.files})
            if os.path.lexists(target):
                raise InputError(target, "came into being meanwhile", "name a new folder")
            os.rename(beside, target)
            flush_folder(target.parent)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        raise InputError(target, f"cannot be written ({error.strerror})", "free space, or name another folder") \
            from error
    return report


def _write_all(root: Path, members: list[Member], hashes: dict[str, str]) -> None:
    os.chmod(root, 0o755)
    folders = {root}
    for member in members:
        path = root.joinpath(*member.path.split("/"))
        for above in reversed(path.relative_to(root).parents[:-1]):
            if root / above not in folders:
                os.mkdir(root / above, 0o755)
                folders.add(root / above)
        if _write(path, member.read()) != hashes[member.path]:
            raise InputError(member.path, "changed between check and unpacking", "fetch the bundle again")
    for folder in folders:
        flush_folder(folder)


def _write(path: Path, data: memoryview) -> str:
    """Write a new file, flush it and return the hash of what was written."""
    digest = hashlib.sha256()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
                     | getattr(os, "O_BINARY", 0), 0o644)
    with os.fdopen(handle, "wb") as file:
        for start in range(0, len(data), BLOCK):
            block = bytes(data[start:start + BLOCK])
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(path, 0o644)
    return digest.hexdigest()
