"""Several mask files for each image: whose they are, and whether their names are those of classes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from monai_seg.data.picture import load_picture
from monai_seg.errors import InputError
from monai_seg.plan.spread import spread

SEPARATORS = "_-. "
MOST_READ = 32  # cases whose areas are measured
Part = tuple[str, str] | None  # name of the image, and what tells its masks apart
Files = Mapping[str, Path]  # what tells an image's masks apart -> file


class SeveralMasks(NamedTuple):
    """The masks of each image, in the order of the images.

    Args:
        labels: files of each image.
        class_names: names that every image's files have, largest area first; none where the names differ.
        rule: how the files were found, in words.
    """

    labels: list[tuple[Path, ...]]
    class_names: tuple[str, ...]
    rule: str


def several_by_name(images: Sequence[str], masks: Mapping[str, Path]) -> SeveralMasks | None:
    """Return the masks of each image by their names; None where one has none, or a mask is of no image.

    A mask is an image's where its name goes on from the image's, ``x_lung.png``, or where it bears the image's name in
    a folder beside others, ``lung/x.png``.

    Args:
        images: names without suffix, relative to their folder.
        masks: the same of masks -> file.
    """
    known = frozenset(images)
    for rule, part in (("<name>_{}", _going_on), ("{}/<name>", _in_folder)):
        found = _found(known, masks, part)
        if found is not None:
            several = _named([found[image] for image in images])
            return several._replace(rule="masks " + ", ".join(map(rule.format, several.class_names or ("<number>",))))
    return None


def several_in_folders(folders: Sequence[Path]) -> SeveralMasks | None:
    """Return the files of each image's folder of masks, where all hold files of the same names, two or more."""
    inside = [{path.stem: path for path in sorted(folder.iterdir()) if not path.name.startswith(".")}
              for folder in folders]
    several = _named(inside)
    if not several.class_names or not all(path.is_file() for files in inside for path in files.values()):
        return None
    return several._replace(rule=f"a folder of masks for each image, with {', '.join(several.class_names)}")


def _found(
    images: frozenset[str], masks: Mapping[str, Path], part: Callable[..., Part]
) -> dict[str, dict[str, Path]] | None:
    found: dict[str, dict[str, Path]] = {}
    for name, path in masks.items():
        parts = part(name, images)
        if parts is None:
            return None
        found.setdefault(parts[0], {})[parts[1]] = path
    return found if len(found) == len(images) and max(map(len, found.values())) > 1 else None


def _going_on(name: str, images: Collection[str]) -> Part:
    """Take ``x`` and ``lung`` of ``x_lung``; the longest name of an image counts."""
    for end in range(len(name) - 1, 0, -1):
        if name[end] in SEPARATORS and name[:end] in images:
            return name[:end], name[end:].strip(SEPARATORS) or name[end:]
    return None


def _in_folder(name: str, images: Collection[str]) -> Part:
    """Take ``x`` and ``lung`` of ``lung/x``."""
    folder, _, rest = name.partition("/")
    return (rest, folder) if rest in images else None


def _named(files: Sequence[Files]) -> SeveralMasks:
    names = {tuple(sorted(one)) for one in files}
    if len(names) > 1 or len(*names) < 2:
        return SeveralMasks([tuple(one[name] for name in sorted(one)) for one in files], (), "")
    order = _by_area(files, *names)
    return SeveralMasks([tuple(one[name] for name in order) for one in files], order, "")


def _by_area(files: Sequence[Files], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, largest mean area first: later masks lie on top, and a lesion lies within its organ."""
    areas = dict.fromkeys(names, 0.0)
    for one in spread(files, MOST_READ):
        for name in names:
            try:
                pixels = load_picture(one[name]).pixels
            except InputError:
                continue  # the check will tell it
            areas[name] += float(np.count_nonzero(pixels if pixels.ndim == 2 else pixels[..., 0])) / pixels.size
    return tuple(sorted(names, key=lambda name: -areas[name]))
