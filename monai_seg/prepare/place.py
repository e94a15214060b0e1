"""Leave the files of a data set where they are, or copy them to another folder; prove first that they are pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monai_seg.data.picture_header import read_header
from monai_seg.errors import InputError
from monai_seg.prepare.claim import claim, settle_out
from monai_seg.prepare.copy_files import copy_file
from monai_seg.prepare.in_parallel import do_each

Case = dict[str, Any]


def place_cases(
    raw: Path, out: Path | None, by: str, cases: Sequence[Case], same_size: bool = True
) -> tuple[Path, list[Case]]:
    """Return the folder of the data set, and the cases with absolute paths in it.

    Args:
        raw: the folder that all files are below.
        out: where to copy them, with the same paths below it; None to leave them in ``raw``.
        by: the program, as the copies' mark names it.
        cases: ``image`` a path, ``label`` a path or a list of paths.
        same_size: masks must have the size of their image.

    Raises:
        InputError: a file is no picture by its header, or of another size; files of others are in ``out``.
    """
    folder = settle_out(raw, out)
    if folder != raw:
        tops = sorted({path.relative_to(raw).parts[0] for case in cases for path in _files(case)})
        claim(folder, {"by": by, "raw": raw.resolve().name}, tops)

    def place(case: Case) -> Case:
        check_headers(case, same_size)
        if folder != raw:
            for path in _files(case):
                copy_file(path, folder / path.relative_to(raw))
        return {**case, **{key: _moved(case[key], raw, folder) for key in ("image", "label")}}

    return folder, do_each(place, cases, by.removeprefix("prepare_"), folder)


def check_headers(case: Mapping[str, Any], same_size: bool = True) -> None:
    """Refuse a case whose files are no pictures, or whose masks have another size than the image.

    Raises:
        InputError: it has.
    """
    image, *masks = [read_header(path) for path in _files(case)]
    for mask in masks:
        if same_size and mask.size != image.size:
            raise InputError(mask.path, f"mask is {mask.size}, image is {image.size} (H, W)", "export the mask again")


def _files(case: Mapping[str, Any]) -> list[Path]:
    label = case["label"]
    return [case["image"], *(label if isinstance(label, list) else [label])]


def _moved(path: Any, raw: Path, folder: Path) -> Any:
    if isinstance(path, list):
        return [_moved(part, raw, folder) for part in path]
    return (folder / path.relative_to(raw)).absolute()
