from __future__ import annotations

import numpy as np
import pytest

from monai_seg.metrics.lesion_size import NAMES, size_groups, size_names


def chosen(areas: list[int]) -> list[list[int]]:
    groups = size_groups(areas)
    return [[area for area, member in zip(areas, groups.members[name], strict=True) if member] for name in NAMES]


def test_thirds_of_the_positives() -> None:
    areas = [0, 50, 10, 0, 30, 20, 60, 40]
    assert chosen(areas) == [[10, 20], [30, 40], [50, 60]]
    groups = size_groups(areas)
    assert (groups.small_max_px, groups.medium_max_px) == (20, 40)


@pytest.mark.parametrize(("areas", "expected"), [
    ([], [[], [], []]),
    ([0, 0], [[], [], []]),
    ([7], [[7], [], []]),
    ([7, 9], [[7], [9], []]),
    ([5, 5, 5], [[5, 5, 5], [], []]),
])  # fmt: skip
def test_few_and_equal_ones(areas: list[int], expected: list[list[int]]) -> None:
    assert chosen(areas) == expected


@pytest.mark.parametrize("seed", range(5))
def test_each_positive_is_in_one_group(seed: int) -> None:
    areas = np.random.default_rng(seed).integers(0, 9, 50)
    assert np.array_equal(sum(member.astype(int) for member in size_groups(areas).members.values()), areas > 0)


def test_names_case_by_case() -> None:
    assert size_names([0, 50, 10, 30]) == [None, "large", "small", "medium"]
    assert size_names([]) == [] and size_names([0, 0]) == [None, None]
