from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel
import numpy as np
import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.volume import check_same_grid, count_slices, read_slices

SHAPE = (3, 4, 5)  # right, front, head


@pytest.fixture
def save_volume(tmp_path: Path) -> Callable[..., Path]:
    def write(values: np.ndarray, affine: np.ndarray | None = None, name: str = "v.nii.gz") -> Path:
        nibabel.save(nibabel.Nifti1Image(values, np.eye(4) if affine is None else affine), tmp_path / name)
        return tmp_path / name

    return write


def point(right: int, front: int, head: int) -> np.ndarray:
    volume = np.zeros(SHAPE, np.int16)
    volume[right, front, head] = 7
    return volume


@pytest.mark.parametrize(("plane", "shape", "place"), [
    ("axial", (5, 4, 3), (4, 0, 0)),  # head slice; top row is the front, left column the right side
    ("coronal", (4, 5, 3), (3, 0, 0)),  # front slice; top row is the head, left column the right side
    ("sagittal", (3, 5, 4), (2, 0, 0)),  # right slice; top row is the head, left column the front
])  # fmt: skip
def test_the_right_front_head_corner_is_top_left(
    save_volume: Callable[..., Path], plane: str, shape: tuple, place: tuple
) -> None:
    path = save_volume(point(2, 3, 4))
    slices = read_slices(path, plane)
    assert slices.shape == shape
    assert np.argwhere(slices == 7).tolist() == [list(place)]
    assert count_slices(path, plane) == shape[0]


@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, 1), (1, -1, -1)])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
def test_the_affine_alone_says_what_is_where(
    save_volume: Callable[..., Path], flips: tuple[int, int, int], order: tuple[int, int, int]
) -> None:
    straight = nibabel.Nifti1Image(np.arange(60, dtype=np.int16).reshape(SHAPE), np.eye(4))
    turned = straight.as_reoriented(np.array(list(zip(order, flips, strict=True))))
    path = save_volume(np.asarray(turned.dataobj), turned.affine, "turned.nii")
    expected = read_slices(save_volume(np.asarray(straight.dataobj)))
    assert np.array_equal(read_slices(path), expected)
    assert count_slices(path) == 5


def test_another_shape_or_place_is_refused(save_volume: Callable[..., Path]) -> None:
    first = save_volume(point(0, 0, 0))
    check_same_grid(first, save_volume(point(1, 1, 1), name="m.nii.gz"))
    with pytest.raises(InputError, match=r"has shape \(3, 4, 4\), its image \(3, 4, 5\)"):
        check_same_grid(first, save_volume(np.zeros((3, 4, 4), np.int16), name="m.nii.gz"))
    with pytest.raises(InputError, match="their affines differ"):
        check_same_grid(first, save_volume(point(0, 0, 0), np.diag([1, 1, 2, 1.0]), "m.nii.gz"))


def test_bad_volumes_are_one_line(save_volume: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected three axes"):
        count_slices(save_volume(np.zeros((2, 2, 2, 2), np.int16)))
    with pytest.raises(InputError, match="'oblique' is no plane; choose one of axial, coronal, sagittal"):
        read_slices(save_volume(point(0, 0, 0)), "oblique")
    (tmp_path / "x.nii").write_text("hello")
    with pytest.raises(InputError, match=r"x\.nii: not a readable NIfTI file"):
        count_slices(tmp_path / "x.nii")
    cut = save_volume(np.random.default_rng(0).integers(0, 99, SHAPE).astype(np.int16), name="cut.nii")
    cut.write_bytes(cut.read_bytes()[:-50])
    with pytest.raises(InputError, match=r"cut\.nii: its voxels cannot be read"):
        read_slices(cut)
