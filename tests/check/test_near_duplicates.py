from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from monai_seg.check.near_duplicates import FLIPS, near_pairs


def soft(seed: int) -> NDArray[np.uint8]:
    """A picture (32, 32) with structure at all scales, as real ones have."""
    rng = np.random.default_rng(seed)
    picture = sum(np.kron(rng.normal(0, 1, (side, side)), np.ones((32 // side, 32 // side))) for side in (2, 4, 8, 32))
    return np.rint(np.interp(picture, (picture.min(), picture.max()), (20, 220))).astype(np.uint8)


@pytest.mark.parametrize(("how", "axes"), list(zip(FLIPS, [(), (1,), (0,), (0, 1)], strict=True)))
def test_each_flip_is_found_and_named(how: str, axes: tuple[int, ...]) -> None:
    thumbs = [soft(seed) for seed in range(12)]
    thumbs.append(np.flip(thumbs[5], axes))
    assert near_pairs(thumbs) == [(5, 12, how)]


def test_brightness_contrast_and_a_little_noise_do_not_hide_a_copy() -> None:
    original = soft(0)
    noise = np.random.default_rng(1).normal(0, 3, original.shape)
    changed = (original * 0.6 + 40 + noise).round().astype(np.uint8)
    assert near_pairs([original, soft(1), changed]) == [(0, 2, "copy")]


def test_hundreds_of_other_pictures_are_no_copies() -> None:
    assert near_pairs([soft(seed) for seed in range(400)]) == []


def test_a_picture_of_the_same_scene_with_other_details_is_no_copy() -> None:
    scene = np.kron(np.random.default_rng(0).integers(30, 200, (4, 4)), np.ones((8, 8)))
    details = [np.random.default_rng(seed).normal(0, 6, (32, 32)) for seed in (1, 2)]
    assert near_pairs([(scene + one).clip(0, 255).astype(np.uint8) for one in details]) == []


def test_flat_pictures_are_not_compared() -> None:
    assert near_pairs([np.full((32, 32), 7, np.uint8)] * 3) == []
    assert near_pairs([]) == []
