from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from numpy.typing import NDArray
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.transforms.match_label import MatchLabeld, resize_label


def array(shape: tuple[int, ...], name: str) -> MetaTensor:
    return MetaTensor(torch.zeros(shape, dtype=torch.uint8), meta={"filename_or_obj": name})


def nearest_by_centres(label: NDArray, size: tuple[int, int]) -> NDArray:
    rows, columns = (np.floor((np.arange(new) + 0.5) * old / new).astype(int)
                     for new, old in zip(size, label.shape[1:], strict=True))
    return label[:, rows][:, :, columns]


def test_a_label_of_the_images_size_is_left_alone() -> None:
    sample = {"image": array((3, 20, 30), "i.png"), "label": array((1, 20, 30), "m.png")}
    assert MatchLabeld()(sample)["label"] is sample["label"]


def test_another_size_is_refused_with_both_files() -> None:
    sample = {"image": array((3, 20, 30), "i.png"), "label": array((1, 10, 15), "m.png")}
    with pytest.raises(InputError, match=r"^m\.png: mask is .* \(10, 15\), image is .* \(20, 30\) \(i\.png\)"):
        MatchLabeld()(sample)


def test_a_transposed_label_is_refused_even_where_resizing_is_declared() -> None:
    sample = {"image": array((3, 20, 30), "i.png"), "label": array((1, 30, 20), "m.png")}
    with pytest.raises(InputError, match=r"m\.png: .* transposed; re-export the mask rows first"):
        MatchLabeld(mask_resize="nearest")(sample)


@pytest.mark.parametrize("size", [(299, 299), (20, 31), (7, 5), (512, 100)])
def test_resizing_keeps_classes_type_and_place(size: tuple[int, int]) -> None:
    label: Tensor = torch.randint(0, 255, (1, 64, 48), dtype=torch.uint8)
    sample = {"image": array((3, *size), "i.png"), "label": MetaTensor(label)}
    resized = MatchLabeld(mask_resize="nearest")(sample)["label"]
    assert resized.dtype == torch.uint8
    assert resized.shape == (1, *size)
    assert np.array_equal(resized.numpy(), nearest_by_centres(label.numpy(), size))


def test_enlarging_three_times_repeats_each_pixel_thrice() -> None:
    label = torch.tensor([[[1, 2]]], dtype=torch.uint8)
    assert resize_label(label, (3, 6)).tolist() == [[[1, 1, 1, 2, 2, 2]] * 3]


def test_a_case_without_label_passes() -> None:
    sample = {"image": array((3, 20, 30), "i.png")}
    assert MatchLabeld()(sample).keys() == {"image"}


def test_choices_are_listed() -> None:
    with pytest.raises(InputError, match="mask_resize is 'linear'; choose one of None, 'nearest'"):
        MatchLabeld(mask_resize="linear")
