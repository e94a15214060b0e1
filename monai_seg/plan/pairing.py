"""Which mask belongs to which image, in two folders of any names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monai_seg.data.case_fault import CaseFault, told_together
from monai_seg.data.list_rules import LIST_NAME, Case, read_list
from monai_seg.data.pairs import Pair, find_pairs, match_folders, picture_files
from monai_seg.errors import InputError
from monai_seg.plan.several_masks import SeveralMasks, several_by_name, several_in_folders

Label = str | tuple[str, ...]


@dataclass(frozen=True)
class Paired:
    """The cases of two folders.

    Args:
        root: the folder that holds both.
        cases: ``image`` and ``label`` with absolute paths, and from a list also ``group`` and ``split``.
        how: by what rule they were paired, in words.
        is_listed: a ``datalist.json`` in ``root`` names them.
        is_standard: `DataList` finds the same pairs in ``root`` by itself.
        class_names: where a mask is several files, the names that all masks have; none where they differ, None where
            it is one file, a folder of instances, or as a list says.
    """

    root: Path
    cases: Sequence[Case]
    how: str
    is_listed: bool = False
    is_standard: bool = False
    class_names: Sequence[str] | None = None


def pair_folders(images: Path, masks: Path) -> Paired:
    """Return the cases of ``images`` and ``masks``: of the list beside them, by equal names and common endings, by a
    folder of masks for each image, by several masks that bear its name, or by what all names of a folder have in front
    or behind.

    Raises:
        InputError: no such folder; no pairs; orphans, unless a list leaves them out; see `read_list`.
    """
    for option, folder in (("--images", images), ("--masks", masks)):
        if not folder.is_dir():
            raise InputError(folder.absolute(), "no such folder", f"name the folder of the {option[2:]} with {option}")
    images, masks = images.absolute(), masks.absolute()
    root = Path(os.path.commonpath([images, masks]))
    listed = _listed(root, images)
    if listed is not None:
        return listed
    pairs, faults = match_folders(images, masks)
    how = "equal names"
    several = _several(images, masks, pairs, bool(faults)) if images != masks else None
    if several is not None:
        cases: list[Case] = [{"image": str(image), "label": tuple(map(str, files))}
                             for (image, _), files in zip(pairs, several.labels, strict=False)]
        return Paired(root, cases, several.rule, class_names=several.class_names)
    if faults and images != masks:
        common = _by_common_parts(images, masks)
        if common is not None:
            pairs, faults, how = common
    if faults:
        raise told_together([fault.error for fault in faults])
    cases = [{"image": str(image), "label": str(label)} for image, label in pairs]
    if how == "equal names" and any(Path(case["label"]).is_dir() for case in cases):
        how = "a folder of masks for each image"
    return Paired(root, cases, how, is_standard=_finds_the_same(root, cases))


def _listed(root: Path, images: Path) -> Paired | None:
    path = root / LIST_NAME
    if not path.is_file():
        return None
    listed, faults = read_list(path)
    if faults:
        raise told_together([fault.error for fault in faults])
    cases = [{**case, "split": split} for split, case in listed if "label" in case]
    if not cases or not all(Path(case["image"]).is_relative_to(images) for case in cases):
        raise InputError(path, f"stands beside the data and names other images than those in {images}",
                         "mend the list, move it away, or name its folders with --images and --masks")
    return Paired(root, cases, f"{path.name} beside the data", is_listed=True)


def _several(images: Path, masks: Path, pairs: Sequence[Pair], is_faulty: bool) -> SeveralMasks | None:
    """Return the several masks of each image of ``pairs``, images first; None where each has one file, or a folder."""
    folders = [pair.label for pair in pairs if pair.label is not None and pair.label.is_dir()]
    if not is_faulty:
        return several_in_folders(folders) if len(folders) == len(pairs) else None
    names = [_name(pair.image, images) for pair in pairs if pair.image is not None]
    return several_by_name(names, {_name(path, masks): path for path in picture_files(masks)})


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _finds_the_same(root: Path, cases: Sequence[Case]) -> bool:
    try:
        return {(case["image"], case["label"]) for case in find_pairs(root)} == \
            {(case["image"], case["label"]) for case in cases}
    except (InputError, OSError):
        return False


def _by_common_parts(images: Path, masks: Path) -> tuple[list[Pair], list[CaseFault], str] | None:
    """Pair by what is left of the names when the parts that all of a folder share are cut off; None if that fails."""
    cut_images, image_pattern = _cut(images)
    cut_masks, mask_pattern = _cut(masks)
    if not cut_images or cut_images.keys() != cut_masks.keys():
        return None
    pairs = [Pair(path, cut_masks[name]) for name, path in cut_images.items()]
    return pairs, [], f"images {image_pattern}, masks {mask_pattern}"


def _cut(folder: Path) -> tuple[dict[str, Path], str]:
    """Return name -> file and the pattern, or nothing where two files would have one name."""
    paths = picture_files(folder)
    stems = [_name(path, folder) for path in paths]
    before = _whole_words(_shared(stems))
    after = _whole_words(_shared([stem[::-1] for stem in stems]))[::-1]
    if any(len(stem) <= len(before) + len(after) for stem in stems):
        return {}, ""
    names = {stem[len(before): len(stem) - len(after)]: path for stem, path in zip(stems, paths, strict=True)}
    return (names if len(names) == len(paths) else {}), f"{before}<name>{after}"


def _shared(texts: Sequence[str]) -> str:
    """Return what all ``texts`` begin with; they differ where the first and the last in order do."""
    first, last = min(texts), max(texts)
    return first[: next((place for place, letter in enumerate(first) if last[place] != letter), len(first))]


def _whole_words(shared: str) -> str:
    """Return the part of ``shared`` up to its last separator, so that no number and no word is torn apart."""
    return re.sub(r"[^_\-. /]*$", "", shared)
