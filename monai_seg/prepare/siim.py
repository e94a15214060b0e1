"""SIIM-ACR pneumothorax: from any of the forms it is passed on in to images, masks and a list.

| form  | what is there                                     | what is written                              |
|-------|---------------------------------------------------|----------------------------------------------|
| masks | ``png_images/``, ``png_masks/`` of equal names    | the list                                     |
| rle   | ``png_images/``, ``train-rle.csv``                | ``png_masks/``, the list                     |
| dicom | ``<uid>/<uid>/<image id>.dcm``, ``train-rle.csv`` | ``png_images/``, ``png_masks/``, the list    |

The list has ``class`` 0 (empty) or 1 (lesion) and, where patients are known, ``group``.

Source:
    https://www.kaggle.com/c/siim-acr-pneumothorax-segmentation/data
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PIL import Image

from monai_seg.data.mask_encodings import decode_mask, parse_encoding
from monai_seg.data.mask_kind import save_png
from monai_seg.data.mask_writer import write_mask
from monai_seg.data.picture_header import read_header
from monai_seg.durable import make_folder
from monai_seg.prepare.claim import claim, is_done, settle_out
from monai_seg.prepare.copy_files import copy_file
from monai_seg.prepare.dicom import Window, read_dicom, read_patient
from monai_seg.prepare.finish import Dealing, finish
from monai_seg.prepare.groups import Groups, group_entry
from monai_seg.prepare.in_parallel import do_each
from monai_seg.prepare.lesion import CLASS_NAMES, lesion_class
from monai_seg.prepare.orphans import match_names, orphans_in_words
from monai_seg.prepare.siim_source import IMAGES, MASKS, SiimSource, find_siim

BY = "prepare_siim"
PATIENTS = "patients.csv"
NO_PATIENTS = "note: no table of patients, so images of one patient can fall into two splits (give --groups)"


def prepare_siim(
    raw: Path,
    out: Path | None = None,
    *,
    groups: Groups | None = None,
    dealing: Dealing | None = None,
    rle: Path | None = None,
    window: Window | None = None,
    leave_out_orphans: bool = False,
) -> str:
    """Prepare the data set and return the report.

    Args:
        raw: its folder, in one of the forms above.
        out: where to write; None for ``raw`` itself. The form "masks" is copied there.
        groups: the patient of each image; None for ``patients.csv`` in ``raw`` where there is one, or else the
            PatientID of each DICOM file.
        dealing: seed, shares and folds.
        rle: the table of run lengths; None for the one in ``raw``.
        window: (low, high) that become 0 and 255, for DICOM files of more than 8 bits.
        leave_out_orphans: go on without the images that have no mask, and the masks that have no image.

    Raises:
        InputError: none of the forms; orphans; a bad file; files of others are in the way.
    """
    source = find_siim(raw, rle)
    truths = {"mask" if source.form == "masks" else "row of run lengths": source.truths}
    names = match_names(raw, source.images, truths, leave_out_orphans)
    left_out = orphans_in_words(source.images, truths)
    patients = _patients(source, names, raw, groups)
    out = settle_out(raw, out)
    if out != raw or source.form != "masks":
        new = [MASKS] if out == raw and source.form == "rle" else [IMAGES, MASKS]
        claim(out, {"by": BY, "form": source.form, "window": list(window) if window else None}, new)
        for part in (IMAGES, MASKS):
            make_folder(out / part)
    cases = do_each(partial(_make_case, source, raw, out, window), names, "siim", out)
    notes = [f"note: left out {left_out}"] if left_out else []
    notes += [] if patients else [NO_PATIENTS]
    return finish(out, BY, [{**case, **group_entry(patients, name)} for name, case in zip(names, cases, strict=True)],
                  dealing or Dealing(), CLASS_NAMES, notes)


def _patients(source: SiimSource, names: list[str], raw: Path, groups: Groups | None) -> dict[str, str]:
    if groups is None and (raw / PATIENTS).exists():
        groups = Groups(table=raw / PATIENTS)
    if groups is not None:
        return groups.of(names)
    if source.form != "dicom":
        return {}
    found = do_each(lambda name: read_patient(source.images[name])[0], names, "patients")
    return {name: patient for name, patient in zip(names, found, strict=True) if patient}


def _make_case(source: SiimSource, raw: Path, out: Path, window: Window | None, name: str) -> dict[str, Any]:
    """Write what the case of ``name`` lacks, and return it; its patient is added later."""
    read, truth = source.images[name], source.truths[name]
    if out == raw and source.form != "dicom":
        image = read
    else:
        image = out / IMAGES / f"{name}{'.png' if source.form == 'dicom' else read.suffix}"
        _write_image(read, image, window)
    mask = truth if out == raw and source.form == "masks" else out / MASKS / f"{name}.png"
    if source.form != "masks":
        _write_mask(truth, name, image, mask)
    elif mask != truth:
        copy_file(truth, mask)
    return {"image": image.absolute(), "label": mask.absolute(), "class": lesion_class(mask, image)}


def _write_image(read: Path, image: Path, window: Window | None) -> None:
    if read.suffix.lower() != ".dcm":
        copy_file(read, image)
    elif not is_done(image, read):
        save_png(str(image), Image.fromarray(read_dicom(read, window)))


def _write_mask(table: Path, name: str, image: Path, mask: Path) -> None:
    if is_done(mask, table):
        return
    height, width = read_header(image).size
    encoding = {"kind": "rle", "height": height, "width": width}
    rows = parse_encoding(encoding).load(f"{table}::{name}")
    write_mask(mask, decode_mask(rows, encoding), {"kind": "binary"})
