"""Twin of SIIM-ACR pneumothorax: grey X-rays, 0/255 masks, run lengths in a table, about 78 % of the masks empty.

Layout (names are UIDs, as in the public set; the public set is 1024 x 1024 and ships DICOM, here converted to PNG):

    png_images/<ImageId>.png   grey, 8 bit
    png_masks/<ImageId>.png    0 and 255, equal names
    train-rle.csv              "ImageId, EncodedPixels": gap/length pairs down the columns, each gap counted from the
                               end of the run before; -1 where the mask is empty; one image may have several rows,
                               whose union is its mask
    patients.csv               "ImageId,PatientId"; some patients have several images

Images of one patient share his anatomy, so a split that ignores patients leaks. Images without pneumothorax often have
what is taken for one (`distractors`). No lesion is below 0.4 % of the image, though the public set has smaller ones.

Source:
    https://www.kaggle.com/c/siim-acr-pneumothorax-segmentation/data
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from monai_seg.sample.chest import draw_chest
from monai_seg.sample.deal import dealt
from monai_seg.sample.distractors import add_distractors
from monai_seg.sample.fields import Array, make_rng
from monai_seg.sample.film import View, expose
from monai_seg.sample.pneumothorax import add_pneumothorax, choose_collapse
from monai_seg.sample.storage import Content, as_mask

POSITIVES = 11  # of each 50 cases: 22 % have a pneumothorax


def draw_case(seed: int, index: int, size: int) -> tuple[Image.Image, Array]:
    """Return the film (grey, ``size`` x ``size``) and the mask (bool) of case ``index``."""
    chest = draw_chest(make_rng(seed, 1, patient_of(seed, index)), size)
    rng = make_rng(seed, 2, index)
    ill = dealt(seed, index, POSITIVES, 50)
    air = np.zeros((size, size), dtype=np.float32)
    view = View.choose(rng)
    if ill:
        air = add_pneumothorax(rng, chest, *choose_collapse(rng, chest.lungs))
    add_distractors(rng, chest, most=1 if ill else 3)
    film = expose(rng, view.project(chest.attenuation(), size))
    return film, view.project(air, size) > 0.5 if ill else air > 0


def write(seed: int, cases: int, size: int) -> Iterator[Content]:
    """Yield the files of each case in turn, then the two tables."""
    runs, patients = ["ImageId, EncodedPixels"], ["ImageId,PatientId"]
    for index in range(cases):
        film, mask = draw_case(seed, index, size)
        name = name_of(seed, index)
        runs += [f"{name}, {row}" for row in encode_rows(seed, index, mask)]
        patients.append(f"{name},P{patient_of(seed, index):05d}")
        yield {f"png_images/{name}.png": film, f"png_masks/{name}.png": as_mask(mask)}
    yield {"train-rle.csv": "\n".join(runs) + "\n", "patients.csv": "\n".join(patients) + "\n"}


def name_of(seed: int, index: int) -> str:
    """Return the UID of case ``index``; its third part from the end counts the cases, so names never collide."""
    rng = make_rng(seed, 3, index)
    second, fraction = 1517875160 + index // 4, int(rng.integers(100000, 999999))
    return f"1.2.276.0.7230010.3.1.4.8323329.{index + 1000}.{second}.{fraction}"


def patient_of(seed: int, index: int) -> int:
    """Return the patient's number: that of his first case. About one case in six is of the patient before."""
    while index > 0 and make_rng(seed, 4, index).random() < 0.17:
        index -= 1
    return index


def encode_rle(mask: Array) -> str:
    """Return the gap/length pairs of a bool mask (H, W) down its columns, or -1 if it is empty."""
    flat = np.concatenate([[0], mask.T.ravel().astype(np.int8), [0]])
    turns = np.flatnonzero(np.diff(flat))  # start, end, start, end, ...
    return " ".join(map(str, np.diff(turns, prepend=0))) if turns.size else "-1"


def encode_rows(seed: int, index: int, mask: Array) -> list[str]:
    """Return one row, or for some lesions two that overlap, as where two readers marked parts of one lesion."""
    if not mask.any() or make_rng(seed, 5, index).random() < 0.7:
        return [encode_rle(mask)]
    rows = np.flatnonzero(mask.any(axis=1))
    third = (rows[-1] - rows[0]) // 3
    upper, lower = mask.copy(), mask.copy()
    upper[rows[0] + 2 * third :], lower[: rows[0] + third] = False, False
    return [encode_rle(upper), encode_rle(lower)]
