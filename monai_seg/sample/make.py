"""Makes a twin: a synthetic data set with the layout, the encodings and the difficulties of a real one."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from monai_seg.errors import InputError

VERSION = 1  # of the drawing; raise it when the bytes change, so that old twins are not taken for new ones


@dataclass(frozen=True)
class Twin:
    """What a twin is made with unless told otherwise: number of cases, and size in pixels of an image's side."""

    cases: int
    size: int


TWINS = {
    "siim": Twin(cases=330, size=512),
    "covid_qu_ex": Twin(cases=300, size=256),
    "covid_radiography": Twin(cases=300, size=299),
    "isic": Twin(cases=240, size=640),
    "tissue": Twin(cases=200, size=512),
}
SMALLEST_SIZE = 64


def make_twin(
    name: str,
    folder: Path,
    *,
    cases: int,
    seed: int = 0,
    size: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write the twin ``name`` into ``folder``.

    Equal arguments give equal bytes (on one machine with one set of library versions); case i depends on ``seed``,
    ``size`` and i alone, so more cases never change earlier ones. A folder that already holds this very twin is left
    as it is; one whose making was interrupted is completed.

    Args:
        name: one of `TWINS`.
        folder: created if need be.
        cases: number of images, >= 1.
        seed: >= 0.
        size: side of the images in pixels (the longer side where shapes vary); None for the twin's own.
        progress: called with (cases done, cases) after each case.

    Raises:
        InputError: an argument is out of range, or the folder holds something else.
    """
    from monai_seg.sample.storage import is_complete, write_all  # Pillow is needed from here on

    folder = Path(folder)
    size = _check(name, cases, seed, size)
    facts = {"name": name, "cases": cases, "seed": seed, "size": size, "version": VERSION}
    if is_complete(folder, facts):
        return
    contents = importlib.import_module(f"monai_seg.sample.{name}").write(seed, cases, size)
    write_all(folder, facts, _tell(contents, cases, progress))


def _check(name: str, cases: int, seed: int, size: int | None) -> int:
    if name not in TWINS:
        raise InputError("twin", f"there is no twin {name!r}", f"choose one of {', '.join(TWINS)}")
    if cases < 1:
        raise InputError("cases", f"a twin needs at least 1 case, got {cases}", "give a larger number")
    if seed < 0:
        raise InputError("seed", f"must be 0 or more, got {seed}", "give another number")
    size = TWINS[name].size if size is None else size
    if size < SMALLEST_SIZE:
        raise InputError("size", f"must be {SMALLEST_SIZE} pixels or more, got {size}", "give a larger number")
    return size


def _tell(contents: Iterator, cases: int, progress: Callable[[int, int], None] | None) -> Iterator:
    for done, content in enumerate(contents, start=1):
        yield content  # asked for the next one, the writer has written this one
        if progress is not None and done <= cases:
            progress(done, cases)
