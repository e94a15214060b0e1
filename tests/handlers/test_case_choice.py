from __future__ import annotations

import random

import pytest

from monai_seg.handlers.case_choice import CaseChoice


def choose(count, lesions, order=None):
    choice = CaseChoice(count)
    for index in order or range(len(lesions)):
        choice.offer(index, lesions[index])
    return choice.chosen()


@pytest.mark.parametrize("lesions, chosen", [
    ("0101010101", [0, 1, 3, 5]),  # 4 // 4 = 1 empty case, 3 with a lesion
    ("1111", [0, 1, 2, 3]),
    ("0000000", [0, 1, 2, 3]),
    ("0001000", [0, 1, 2, 3]),  # too few lesions: empty ones take their places
    ("10", [0, 1]),
    ("", []),
])  # fmt: skip
def test_the_first_of_the_list_and_a_quarter_empty(lesions, chosen):
    assert choose(4, [mark == "1" for mark in lesions]) == chosen


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_offers_does_not_matter(seed):
    rng = random.Random(seed)
    lesions = [rng.random() < 0.3 for _ in range(40)]
    order = rng.sample(range(40), 40)
    assert choose(8, lesions, order) == choose(8, lesions)


def test_a_case_that_cannot_be_chosen_any_more_is_declined():
    choice = CaseChoice(2)
    assert [choice.offer(index, True) for index in (3, 1, 2, 5, 1)] == [True, True, True, False, True]
    assert choice.chosen() == [1, 2]


def test_count_must_be_positive():
    with pytest.raises(ValueError, match="got 0"):
        CaseChoice(0)
