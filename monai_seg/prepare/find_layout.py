"""Find a known layout in a folder, or in the one or two folders that archives tend to wrap around it."""

from __future__ import annotations

from pathlib import Path

from monai_seg.errors import InputError

DEEPEST = 3


def find_layout(raw: Path, sign: str, looks_like: str) -> Path:
    """Return the folder, ``raw`` or below it, that holds the path ``sign``.

    Args:
        raw: the folder that the user named.
        sign: a path below the folder that is looked for; may hold ``*``.
        looks_like: the layout in words, for errors.

    Raises:
        InputError: no such folder, or several of them.
    """
    if not raw.is_dir():
        raise InputError(raw.absolute(), "no such folder", "name the folder of the data set")
    for depth in range(DEEPEST + 1):
        levels = len(Path(sign).parts)
        found = sorted({path.parents[levels - 1] for path in raw.glob("*/" * depth + sign)})
        if len(found) > 1:
            raise InputError(raw.absolute(), f"holds the layout twice, in {found[0]} and in {found[1]}",
                             "name one of the two")
        if found:
            return found[0]
    raise InputError(raw.absolute(), f"not the layout of this data set ({looks_like})",
                     "name the folder that holds it")
