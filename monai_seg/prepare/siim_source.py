"""Find in which of its forms the SIIM-ACR pneumothorax set lies in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from monai_seg.data.pairs import picture_files
from monai_seg.errors import InputError
from monai_seg.prepare.claim import claimed_with
from monai_seg.prepare.orphans import by_stem
from monai_seg.prepare.table import image_name, read_rows

IMAGES, MASKS = "png_images", "png_masks"
RLE = "train-rle.csv"


@dataclass(frozen=True)
class SiimSource:
    """What was found.

    Args:
        form: "masks", "rle" or "dicom", as `monai_seg.prepare.siim` has them.
        images: image id -> PNG or DICOM file.
        truths: image id -> PNG mask, or the table that has the run lengths of this id.
    """

    form: str
    images: dict[str, Path]
    truths: dict[str, Path]


def find_siim(raw: Path, rle: Path | None = None) -> SiimSource:
    """Return what ``raw`` holds; a folder that we prepared in place keeps the form it had then.

    Args:
        raw: the folder of the data set.
        rle: the table of run lengths; None for the one in ``raw``.

    Raises:
        InputError: no such folder, none of the forms, two files of one name, or no table of run lengths.
    """
    if not raw.is_dir():
        raise InputError(raw.absolute(), "no such folder", "name the folder of the data set")
    form = str((claimed_with(raw) or {}).get("form") or _form(raw))
    dicom = form == "dicom"
    images = by_stem(sorted(raw.rglob("*.dcm")) if dicom else picture_files(raw / IMAGES))
    if form == "masks":
        return SiimSource(form, images, by_stem(picture_files(raw / MASKS)))
    table = rle or _find_table(raw)
    return SiimSource(form, images, {image_name(row[0]): table for row in read_rows(table)[1:]})


def _form(raw: Path) -> str:
    if (raw / IMAGES).is_dir():
        return "masks" if picture_files(raw / MASKS) else "rle"
    if next(raw.rglob("*.dcm"), None) is not None:
        return "dicom"
    raise InputError(raw.absolute(), f"neither {IMAGES}/ nor DICOM files in it",
                     f"name the folder that holds {IMAGES}/ and {MASKS}/ or {RLE}, or the DICOM files and {RLE}")


def _find_table(raw: Path) -> Path:
    tables = [raw / RLE] if (raw / RLE).exists() else sorted(raw.glob("*rle*.csv"))
    if len(tables) != 1:
        raise InputError(raw.absolute(), f"{len(tables)} tables of run lengths in it, expected {RLE}",
                         "name the table with --rle")
    return tables[0]
