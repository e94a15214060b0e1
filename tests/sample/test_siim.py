from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.sample.deal import dealt
from monai_seg.sample.siim import POSITIVES, draw_case, encode_rle, encode_rows, name_of, patient_of

UID = re.compile(r"1\.2\.276\.0\.7230010\.3\.1\.4\.8323329\.\d+\.1517\d{6}\.\d{6}")


def decode(rle: str, height: int, width: int) -> np.ndarray:
    """The public rule, one run after the other, down the columns."""
    flat, here = np.zeros(height * width, dtype=bool), 0
    runs = [int(part) for part in rle.split()]
    for gap, length in zip(runs[::2], runs[1::2], strict=True):
        flat[here + gap : here + gap + length] = True
        here += gap + length
    return flat.reshape(width, height).T


def rows_of(folder: Path) -> dict[str, list[str]]:
    head, *lines = (folder / "train-rle.csv").read_text().splitlines()
    assert head == "ImageId, EncodedPixels"
    rows = defaultdict(list)
    for line in lines:
        name, rle = line.split(", ")
        rows[name].append(rle)
    return rows


def test_layout_and_encodings(twins: Callable[..., Path]):
    folder = twins("siim", 30)
    images, masks = ({path.name: path for path in (folder / part).iterdir()} for part in ("png_images", "png_masks"))
    assert len(images) == 30 and images.keys() == masks.keys()
    assert all(UID.fullmatch(path.stem) for path in images.values())
    for name in images:
        with Image.open(images[name]) as image, Image.open(masks[name]) as mask:
            assert (image.mode, image.size, mask.mode, mask.size) == ("L", (64, 64), "L", (64, 64))
            assert set(np.unique(mask)) <= {0, 255}


def test_run_lengths_tell_the_same_masks(twins: Callable[..., Path]):
    folder = twins("siim", 30)
    rows = rows_of(folder)
    assert len(rows) == 30
    for name, rles in rows.items():
        mask = np.asarray(Image.open(folder / f"png_masks/{name}.png")) == 255
        union = np.any([decode(rle, *mask.shape) if rle != "-1" else np.zeros_like(mask) for rle in rles], axis=0)
        assert np.array_equal(union, mask)
        assert ("-1" in rles) == (not mask.any())


def test_runs_count_down_the_columns_from_the_end_of_the_run_before():
    mask = np.array([[0, 1, 0], [1, 1, 0], [1, 0, 1]], dtype=bool)
    # down the columns: 0 1 1 | 1 1 0 | 0 0 1 -> gap 1, run 4, gap 3, run 1
    assert encode_rle(mask) == "1 4 3 1"
    assert encode_rle(np.zeros((2, 2), dtype=bool)) == "-1"


def test_some_lesions_have_two_rows_that_overlap():
    mask = np.zeros((30, 10), dtype=bool)
    mask[3:27, 4:6] = True
    rows = {len(encode_rows(0, index, mask)) for index in range(20)}
    assert rows == {1, 2}
    upper, lower = next(pair for pair in (encode_rows(0, index, mask) for index in range(20)) if len(pair) == 2)
    parts = decode(upper, 30, 10), decode(lower, 30, 10)
    assert (parts[0] & parts[1]).any() and np.array_equal(parts[0] | parts[1], mask)


def test_78_percent_of_the_masks_are_empty():
    empty = [not draw_case(3, index, 64)[1].any() for index in range(50)]
    assert sum(empty) == 39  # 78 % of 50


def test_some_patients_have_several_images(twins: Callable[..., Path]):
    head, *lines = (twins("siim", 30) / "patients.csv").read_text().splitlines()
    assert head == "ImageId,PatientId" and len(lines) == 30
    patients = [line.split(",")[1] for line in lines]
    assert 15 < len(set(patients)) < 30
    assert all(patient_of(0, index) <= index for index in range(30))


def test_names_never_collide():
    assert len({name_of(0, index) for index in range(500)}) == 500


def positives(count: int, size: int) -> list[tuple[np.ndarray, np.ndarray]]:
    cases = (draw_case(0, index, size) for index in range(count) if dealt(0, index, POSITIVES, 50))
    return [(np.asarray(film), mask) for film, mask in cases]


def test_no_lesion_is_below_the_least_size():
    shares = [mask.mean() for _, mask in positives(100, 128)]
    assert len(shares) == 22 and min(shares) > 0.004 and max(shares) < 0.10


def test_no_grey_value_finds_the_lesions(best_threshold_dice: Callable[..., float]):
    films, masks = zip(*positives(50, 128), strict=True)
    assert best_threshold_dice(films, masks) < 0.25


def test_the_air_is_darker_than_the_other_lung():
    cases = positives(100, 128)
    darker = 0
    for film, mask in cases:
        other = mask[:, ::-1] & ~mask  # the same heights, as far on the other side of the middle
        darker += film[mask].mean() < film[other].mean()
    assert darker > 0.8 * len(cases)


@pytest.mark.parametrize("index", range(6))
def test_the_picture_is_the_same_at_every_size(index: int):
    (small, little), (large, big) = draw_case(0, index, 128), draw_case(0, index, 256)
    shrunk = np.asarray(large.resize((128, 128), Image.Resampling.BOX), dtype=float)
    assert np.abs(np.asarray(small, dtype=float) - shrunk).mean() < 8  # of 255; the noise differs
    assert abs(little.mean() - big.mean()) < 0.002
