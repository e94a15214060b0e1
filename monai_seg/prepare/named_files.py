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
    expression = name_pattern(stem)
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        own_stem, own_suffix = split_suffix(path.relative_to(folder).as_posix())
        name = name_in(own_stem, expression)
        if name and own_suffix and suffix in ("", own_suffix) and path.is_file():
            if name in found:
                raise InputError(path, f"has the case name of {found[name]} ({name})",
                                 "keep one of them, or give a pattern that tells them apart")
            found[name] = path
    return found


def name_pattern(pattern: str) -> re.Pattern[str]:
    """Return the expression that a pattern with ``{name}`` and ``*`` stands for.

    Raises:
        InputError: it does not hold ``{name}`` once.
    """
    if pattern.count("{name}") != 1:
        raise InputError(f"pattern {pattern!r}", "does not hold {name} once", "write, say, '{name}_mask.png'")
    parts = (re.escape(part).replace(r"\*", "[^/]*") for part in pattern.split("{name}"))
    return re.compile("(.+)".join(parts))


def name_in(relative: str, expression: re.Pattern[str]) -> str | None:
    """Return the case name in a path below the folder, without suffix; None for other and for hidden paths."""
    match = expression.fullmatch(relative)
    return match[1] if match and not any(part.startswith(".") for part in relative.split("/")) else None


def split_suffix(name: str) -> tuple[str, str]:
    """Return ``name`` without its suffix, and the suffix in lower case if it is one of `KNOWN`, else ""."""
    lower = name.lower()
    suffix = max((known for known in KNOWN if lower.endswith(known)), key=len, default="")
    return name[: len(name) - len(suffix)], suffix


def kind_of(path: Path) -> str:
    """Return "volume", "dicom" or "picture"."""
    suffix = split_suffix(path.name)[1]
    return "volume" if suffix in VOLUMES else "dicom" if suffix == DICOM else "picture"
