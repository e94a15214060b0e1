"""Any two folders of images and masks: pictures, DICOM files or NIfTI volumes, matched by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monai_seg.errors import InputError
from monai_seg.prepare.claim import claim, settle_out
from monai_seg.prepare.convert import IMAGES, MASKS, Converter, highest_class
from monai_seg.prepare.dicom import read_patient
from monai_seg.prepare.finish import Dealing, finish
from monai_seg.prepare.groups import Groups
from monai_seg.prepare.in_parallel import do_each
from monai_seg.prepare.lesion import CLASS_NAMES
from monai_seg.prepare.mask_folders import MaskFolders
from monai_seg.prepare.named_files import files_by_name, kind_of
from monai_seg.prepare.orphans import match_names, orphans_in_words
from monai_seg.prepare.table import look_up, read_column
from monai_seg.prepare.window import Window

BY = "prepare_folder"
DIGITS = 16  # of a patient's pseudonym


def prepare_folder(
    images: Path,
    masks: Path,
    out: Path,
    *,
    image_name: str = "{name}",
    mask_name: str = "{name}",
    groups: Groups | None = None,
    classes: tuple[Path, str] | None = None,
    mask_folders: MaskFolders | None = None,
    window: Window | None = None,
    plane: str = "axial",
    dealing: Dealing | None = None,
    leave_out_orphans: bool = False,
) -> str:
    """Prepare a data set in ``out`` and return the report.

    Args:
        images, masks: two folders, or one and the same.
        out: where to write. Pictures that lie below it are used where they are, others are copied.
        image_name, mask_name: patterns, see `files_by_name`.
        groups: the group of each case by its name; None for the patient of DICOM files (a hash of PatientID, or of the
            series where there is none) and the volume of slices.
        classes: a CSV table and its column that has the class of each case; None for empty or not.
        mask_folders: masks are folders, which ``mask_name`` names then; None where each is a file.
        window, plane: see `Converter`.
        dealing: seed, shares and folds.
        leave_out_orphans: go on without images that have no mask, and masks that have no image.

    Raises:
        InputError: orphans; a bad file; a table that lacks a case; files of others are in the way.
    """
    for folder in (images, masks):
        settle_out(folder, out)
    image_files = files_by_name(images, image_name)
    mask_files = mask_folders.by_name(masks, mask_name) if mask_folders else files_by_name(masks, mask_name)
    if images.resolve() == masks.resolve():
        taken = set(mask_files.values())
        image_files = {name: path for name, path in image_files.items() if not taken & {path, path.parent}}
    names = match_names(images, image_files, {"mask": mask_files}, leave_out_orphans)
    _refuse_idle_window(window, [image_files[name] for name in names])
    found = groups.of(names) if groups else {}
    table = look_up(classes[0], read_column(*classes), names) if classes else {}
    class_names: Sequence[str] = sorted(set(table.values())) or CLASS_NAMES
    _refuse_to_convert_in_place(out, {images: [image_files[name] for name in names],
                                      masks: [mask_files[name] for name in names]})
    _claim(out, images, masks, window, plane)

    convert = Converter(out, window, plane)
    pairs = do_each(lambda name: mask_folders.convert(convert, name, image_files[name], mask_files[name])
                    if mask_folders else convert(name, image_files[name], mask_files[name]), names, "folder", out)
    if groups is None:
        found = _own_groups({name: image_files[name] for name in names})
    cases = [{**case, **_facts(name, found, table, class_names)} for name, slices in zip(names, pairs, strict=True)
             for case in slices]
    left_out = orphans_in_words(image_files, {"mask": mask_files})
    notes = [f"note: left out {left_out}"] if left_out else []
    notes += [] if found else ["note: no groups, so images of one patient can fall into two splits (give --groups or "
                               "--group-regex)"]
    encoding = mask_folders.encoding if mask_folders else _encoding(names, mask_files, cases)
    notes += [f'declare in the bundle: "mask_encoding": {json.dumps(encoding)}'] if encoding else []
    return finish(out, BY, cases, dealing or Dealing(), class_names, notes)


def _claim(out: Path, images: Path, masks: Path, window: Window | None, plane: str) -> None:
    inside = [folder for folder in (images, masks) if folder.resolve().is_relative_to(out.resolve())]
    if len(inside) < 2:
        claim(out, {"by": BY, "window": list(window) if window else None, "plane": plane},
              [part for part in (IMAGES, MASKS) if (out / part).resolve() not in [own.resolve() for own in inside]])


def _refuse_to_convert_in_place(out: Path, files: Mapping[Path, Sequence[Path]]) -> None:
    for folder, paths in files.items():
        if folder.resolve().is_relative_to(out.resolve()) and any(kind_of(path) != "picture" for path in paths):
            raise InputError(out, f"holds the files to convert, in {folder}", "name another folder to write to")


def _refuse_idle_window(window: Window | None, images: Sequence[Path]) -> None:
    if window is not None and all(kind_of(path) == "picture" for path in images):
        raise InputError("--window", "there are neither DICOM files nor volumes among the images", "leave it out")


def _own_groups(images: Mapping[str, Path]) -> dict[str, str]:
    """Return the group of each volume (its name) and of each DICOM file; pictures have none."""
    dicom = [name for name, image in images.items() if kind_of(image) == "dicom"]
    people = do_each(lambda name: read_patient(images[name]), dicom, "patients") if dicom else []
    hashes = {name: hashlib.sha256((patient or series).encode()).hexdigest()[:DIGITS]
              for name, (patient, series) in zip(dicom, people, strict=True) if patient or series}
    return {name: name for name, image in images.items() if kind_of(image) == "volume"} | hashes


def _facts(
    name: str, groups: Mapping[str, str], classes: Mapping[str, str], class_names: Sequence[str]
) -> dict[str, Any]:
    facts: dict[str, Any] = {"group": groups[name]} if name in groups else {}
    return {**facts, "class": class_names.index(classes[name])} if classes else facts


def _encoding(
    names: Sequence[str], masks: Mapping[str, Path], cases: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    """Return how masks are stored that we wrote as class ids; None for pictures, which the user declares."""
    if any(kind_of(masks[name]) == "picture" for name in names):
        return None
    highest = max(do_each(highest_class, [Path(case["label"]) for case in cases], "classes"))
    return {"kind": "index", "classes": max(highest, 1) + 1}
