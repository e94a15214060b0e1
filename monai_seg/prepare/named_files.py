"""The files of a folder by the name of their case, which a pattern such as ``{name}_mask.png`` tells."""

from __future__ import annotations

import re
from pathlib import Path

from monai_seg.data.pairs import SUFFIXES
from monai_seg.errors import InputError

VOLUMES = (".nii", ".nii.gz")
DICOM = ".dcm"
KNOWN = (*SUFFIXES, DICOM, *VOLUMES)


def files_by_name(folder: Path, pattern: str = "{name}") -> dict[str, Path]:
    """Return case name -> file, of the pictures, DICOM files and NIfTI volumes below ``folder``.

    Args:
        folder: searched with all its folders; what is hidden is left out.
        pattern: a path below ``folder``, in which ``{name}`` is the name of the case (it may span folders) and ``*`` is
            anything within one. Where it ends in a suffix, only files with this suffix count; a suffix is no part of
            the name.

    Raises:
        InputError: no such folder; no ``{name}`` in the pattern; or two files of one name.
    """
    if not folder.is_dir():
        raise InputError(folder.absolute(), "no such folder", "name the folder of the images, or of the masks")
    stem, suffix = split_suffix(pattern)
    if stem.count("{name}") != 1:
        raise InputError(f"pattern {pattern!r}", "does not hold {name} once", "write, say, '{name}_mask.png'")
    parts = (re.escape(part).replace(r"\*", "[^/]*") for part in stem.split("{name}"))
    expression = re.compile("(.+)".join(parts))
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if any(part.startswith(".") for part in relative.parts):
            continue
        own_stem, own_suffix = split_suffix(relative.as_posix())
        match = expression.fullmatch(own_stem)
        if match and own_suffix and suffix in ("", own_suffix) and path.is_file():
            if match[1] in found:
                raise InputError(path, f"has the case name of {found[match[1]]} ({match[1]})",
                                 "keep one of them, or give a pattern that tells them apart")
            found[match[1]] = path
    return found


def split_suffix(name: str) -> tuple[str, str]:
    """Return ``name`` without its suffix, and the suffix in lower case if it is one of `KNOWN`, else ""."""
    lower = name.lower()
    suffix = max((known for known in KNOWN if lower.endswith(known)), key=len, default="")
    return name[: len(name) - len(suffix)], suffix


def kind_of(path: Path) -> str:
    """Return "volume", "dicom" or "picture"."""
    suffix = split_suffix(path.name)[1]
    return "volume" if suffix in VOLUMES else "dicom" if suffix == DICOM else "picture"
