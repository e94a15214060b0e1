"""The pictures to infer on, and where the mask of each goes, settled before the first is read."""

from __future__ import annotations

import logging
import os
from collections import Counter
from pathlib import Path

from monai_seg.data.pairs import SUFFIXES, picture_files
from monai_seg.data.picture import load_picture
from monai_seg.errors import InputError
from monai_seg.switch import as_switch

logger = logging.getLogger(__name__)


def find_pictures(
    dataset_dir: str | Path, output_dir: str | Path, overwrite: bool | str = False
) -> list[dict[str, str]]:
    """Return ``{"image": …, "output": …, "overlay": …}`` for a picture file, or for each one below a folder.

    A mask has its picture's place below the folder and its name, with suffix ``.png``. Where that gives two pictures
    one mask (``a.png`` and ``a.jpg``, or ``A.png`` beside ``a.png``, which some disks hold for the same), each of them
    keeps its whole name: ``a.jpg.png``; a number tells apart what is alike even so. Masks that lie below the folder
    already, in ``output_dir``, are not taken for pictures.

    Under several processes the first looks for all, before any of them writes.

    Args:
        dataset_dir: a picture or a folder of them.
        output_dir: where the masks go.
        overwrite: whether masks that are there already are replaced: true, false to refuse, or "resume" to go on with
            an interrupted inference: pictures whose mask is there, newer than the picture and whole, are left out.

    Raises:
        InputError: no such file or folder; no pictures in it; a mask would replace a picture; a mask is there already
            and ``overwrite`` is false.
    """
    from monai_seg.processes import of_first  # torch, which takes seconds, and other users of this package need not

    return of_first(lambda: list_pictures(dataset_dir, output_dir, as_switch("overwrite", overwrite, ("resume",))))


def list_pictures(dataset_dir: str | Path, output_dir: str | Path, overwrite: bool | str) -> list[dict[str, str]]:
    """Do what `find_pictures` does in this process alone, without torch."""
    source, target = Path(dataset_dir), Path(output_dir)
    if source.is_file():
        pictures, root = [source], source.parent
    elif source.is_dir():
        if _below(source, target):
            raise InputError(target, "holds the pictures themselves", "name another --output_dir")
        pictures, root = [path for path in picture_files(source) if not _below(path, target)], source
    else:
        raise InputError(source.absolute(), "no such file or folder",
                         "point --dataset_dir at a picture or a folder of them")
    if not pictures:
        raise InputError(source.absolute(), f"no pictures in it ({', '.join(SUFFIXES)})",
                         "point --dataset_dir elsewhere")
    names = _mask_names([path.relative_to(root) for path in pictures])
    cases = [{"image": str(path.absolute()), "output": str(target / name),
              "overlay": str(target / "overlays" / name)} for path, name in zip(pictures, names, strict=True)]
    standing = [case["output"] for case in cases if Path(case["output"]).exists()]
    read = {path.resolve() for path in pictures}
    if any(Path(output).resolve() in read for output in standing):
        raise InputError(target, "is where the picture itself lies", "name another --output_dir")
    if overwrite == "resume":
        return _left_over(cases)
    if standing and not overwrite:
        more = f", as are {len(standing) - 1} more of the masks to be written" if len(standing) > 1 else ""
        raise InputError(standing[0], f"is there already{more}", "name another --output_dir, or give "
                         "--overwrite true to replace them, --overwrite resume to go on")
    return cases


def _left_over(cases: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the cases whose mask is missing, older than its picture, or not whole, and say how many are not."""
    left = [case for case in cases if not _is_done(case)]
    logger.info(f"{len(cases) - len(left):,} of {len(cases):,} masks are there and whole; {len(left):,} are left")
    return left


def _is_done(case: dict[str, str]) -> bool:
    try:
        if os.path.getmtime(case["output"]) < os.path.getmtime(case["image"]):
            return False
        load_picture(case["output"])
    except (OSError, InputError):
        return False
    return True


def _mask_names(pictures: list[Path]) -> list[Path]:
    plain = [path.with_suffix(".png") for path in pictures]
    alike = Counter(_folded(path) for path in plain)
    names = [short if alike[_folded(short)] == 1 else path.with_name(path.name + ".png")
             for short, path in zip(plain, pictures, strict=True)]
    taken: set[str] = set()
    for i, name in enumerate(names):
        number = 1
        while _folded(names[i]) in taken:
            number += 1
            names[i] = name.with_name(f"{name.stem}.{number}.png")
        taken.add(_folded(names[i]))
    return names


def _folded(path: Path) -> str:
    return path.as_posix().casefold()


def _below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
