"""Copy files into a prepared data set, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

from monai_seg.durable import write_durably
from monai_seg.errors import InputError
from monai_seg.prepare.claim import is_done


def copy_file(source: Path, target: Path) -> None:
    """Copy ``source`` to ``target`` and make its folder; a copy that is there and not older is kept.

    Raises:
        InputError: ``source`` cannot be read, or the file system refuses ``target``.
    """
    if is_done(target, source):
        return
    try:
        content = source.read_bytes()
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(error.filename or source, f"cannot be copied ({error.strerror or error})",
                         "mend its permissions, or copy it again from its source") from error
    write_durably(target, lambda file: file.write(content))
