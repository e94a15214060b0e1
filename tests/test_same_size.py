from __future__ import annotations

import pytest

from monai_seg.errors import InputError
from monai_seg.same_size import check_same_size


def test_one_size_passes_and_two_are_told() -> None:
    check_same_size("i.png", (20, 30), "m.png", (20, 30))
    message = (r"^m\.png: mask is \(H, W\) \(256, 256\), image is \(H, W\) \(299, 299\) \(i\.png\); "
               r"re-export the mask, or declare mask_resize: nearest$")
    with pytest.raises(InputError, match=message):
        check_same_size("i.png", (299, 299), "m.png", (256, 256))


def test_a_transposed_mask_is_of_another_size() -> None:
    with pytest.raises(InputError, match="mask is"):
        check_same_size("i.png", (20, 30), "m.png", (30, 20))
