from __future__ import annotations

import numpy as np
import pytest

from monai_seg.metrics.ratios import mean_of, pooled, ratio_statistic

NAN = np.nan


def value(*ratios) -> list[float]:
    rows = len(ratios[0].numerator)
    return ratio_statistic(ratios)(np.ones((1, rows)))[0].tolist()


def test_a_mean_is_over_images_of_each_image_s_mean_over_classes() -> None:
    values = np.array([[1.0, 0.5], [NAN, 0.2], [NAN, NAN]])
    ratio = mean_of("dice", values)
    assert value(ratio) == [pytest.approx((0.75 + 0.2) / 2)]
    assert (ratio.count, ratio.undefined) == (3, 3)


def test_a_mean_among_some_leaves_the_others_out() -> None:
    values, among = np.array([[1.0, 0.5], [NAN, 0.2]]), np.array([[False, True], [True, False]])
    ratio = mean_of("dice_positive", values, among)
    assert value(ratio) == [0.5]
    assert (ratio.count, ratio.undefined) == (1, 1)  # the 1.0 and the 0.2 are none of those asked for


def test_pooled_ratios_are_of_sums_and_their_mean_over_classes() -> None:
    ratio = pooled("dice_pooled", np.array([[2, 0], [2, 0]]), np.array([[4, 0], [4, 0]]))
    assert value(ratio) == [0.5]  # the second class never occurs
    assert value(pooled("x", np.array([[1, 1]]), np.array([[2, 4]]))) == [pytest.approx((1 / 2 + 1 / 4) / 2)]


def test_several_at_once_are_what_each_is_alone() -> None:
    random = np.random.default_rng(0)
    ratios = [mean_of("a", random.random((6, 3))), pooled("b", *random.random((2, 6, 2))),
              mean_of("c", random.random((6, 1)))]
    assert value(*ratios) == pytest.approx([value(ratio)[0] for ratio in ratios])


def test_a_weight_is_as_good_as_a_copy() -> None:
    values = np.random.default_rng(0).random((3, 2))
    weights = np.array([[2.0, 0.0, 1.0]])
    weighted = ratio_statistic([mean_of("a", values)])(weights)[0]
    assert weighted == pytest.approx(value(mean_of("a", values[[0, 0, 2]])))


def test_nothing_at_all_is_not_defined() -> None:
    assert np.isnan(value(mean_of("a", np.full((2, 2), NAN)), pooled("b", np.zeros((2, 1)), np.zeros((2, 1))))).all()
