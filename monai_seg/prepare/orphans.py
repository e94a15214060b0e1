"""Put the parts of each case together by name; what lacks its other part is told, both kinds and all of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from monai_seg.errors import InputError

MOST_NAMED = 3


def by_stem(paths: Iterable[Path], ending: str = "") -> dict[str, Path]:
    """Return the paths by their stem without ``ending``; names without that ending are left out.

    Raises:
        InputError: two files have one name.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if not path.stem.endswith(ending):
            continue
        name = path.stem[: len(path.stem) - len(ending)]
        if name in found:
            raise InputError(path, f"has the name of {found[name]}", "keep one, or give them names of their own")
        found[name] = path
    return found


def match_names(
    folder: Path, images: Collection[str], others: Mapping[str, Collection[str]], leave_out: bool = False
) -> list[str]:
    """Return the names that images and all other parts have, in order.

    Args:
        folder: named in errors.
        images: names of images.
        others: kind of the other parts -> their names, say ``{"mask": ...}``.
        leave_out: leave names out that some part lacks; the caller tells how many with `orphans_in_words`.

    Raises:
        InputError: some part lacks a name, and ``leave_out`` is false; no names in common.
    """
    if not images:
        raise InputError(folder.absolute(), "no images in it", "name the folder of the data set")
    common = sorted(set(images).intersection(*others.values()))
    if not common:
        raise InputError(folder.absolute(), f"no image has a {' and a '.join(others)} of its name",
                         "name the folder of the data set")
    told = orphans_in_words(images, others)
    if told and not leave_out:
        raise InputError(folder, told, "add what is missing, or give --leave-out-orphans to go on without these")
    return common


def orphans_in_words(images: Collection[str], others: Mapping[str, Collection[str]]) -> str:
    """Return, say, "2 images without mask (a, b), 1 mask without image (c)"; "" where there are none."""
    told = []
    for kind, names in others.items():
        told += [_told(sorted(set(images) - set(names)), "image", kind)]
        told += [_told(sorted(set(names) - set(images)), kind, "image")]
    return ", ".join(filter(None, told))


def _told(names: Sequence[str], kind: str, lacking: str) -> str:
    if not names:
        return ""
    many = kind.replace("row ", "rows ") if kind.startswith("row ") else f"{kind}s"
    return f"{len(names):,} {many if len(names) > 1 else kind} without {lacking} ({first_names(names)})"


def first_names(names: Collection[str]) -> str:
    """Return the first names, and "…" where there are more."""
    return ", ".join(list(names)[:MOST_NAMED]) + (", …" if len(names) > MOST_NAMED else "")
