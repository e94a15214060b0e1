from __future__ import annotations

import numpy as np
import pytest

from monai_seg.metrics.bootstrap import bootstrap_interval, resampled_weights
from monai_seg.metrics.overlap import divide

VALUES = np.random.default_rng(3).normal(0.7, 0.1, 400)


def mean(values: np.ndarray):
    known = ~np.isnan(values)
    return lambda weights: divide(weights @ np.where(known, values, 0), weights @ known)[:, None]


def test_the_interval_of_a_mean_is_that_of_its_standard_error() -> None:
    found = bootstrap_interval(mean(VALUES), 400, resamples=4000)
    error = VALUES.std() / 400**0.5
    assert found.value == pytest.approx(VALUES.mean())
    assert (found.low[0], found.high[0]) == pytest.approx((VALUES.mean() - 1.96 * error, VALUES.mean() + 1.96 * error),
                                                          abs=0.15 * error)  # fmt: skip


def test_it_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        found = bootstrap_interval(mean(random.normal(0, 1, 50)), 50, resamples=300, seed=seed)
        covered += bool(found.low[0] <= 0 <= found.high[0])
    assert 0.88 <= covered / 200 <= 0.99


def test_patients_are_drawn_whole() -> None:
    """Twenty equal images of each of 20 patients say no more than one of each."""
    patients = np.random.default_rng(1).normal(0.7, 0.1, 20)
    one = bootstrap_interval(mean(patients), 20, resamples=3000)
    images, names = np.repeat(patients, 20), [f"p{i:02d}" for i in np.repeat(np.arange(20), 20)]
    grouped = bootstrap_interval(mean(images), 400, names, resamples=3000)
    alone = bootstrap_interval(mean(images), 400, resamples=3000)
    width = one.high[0] - one.low[0]
    assert grouped.high[0] - grouped.low[0] == pytest.approx(width, rel=0.1)
    assert alone.high[0] - alone.low[0] < 0.35 * width


def test_weights_are_counts_of_draws_and_groups_come_together() -> None:
    groups = ["a", "b", "a", "c"]
    weights = np.concatenate(list(resampled_weights(4, groups, 500, seed=0)))
    assert weights.shape == (500, 4)
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.all(weights[:, [0, 1, 3]].sum(axis=1) == 3)  # as many groups as there are


def test_blocks_are_drawn_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = np.concatenate(list(resampled_weights(10, None, 37, seed=5)))
    monkeypatch.setattr("monai_seg.metrics.bootstrap.BLOCK", 70)
    blocks = list(resampled_weights(10, None, 37, seed=5))
    assert len(blocks) == 6
    assert np.array_equal(np.concatenate(blocks), whole)


def test_the_seed_alone_decides() -> None:
    first, again, other = (bootstrap_interval(mean(VALUES), 400, seed=seed) for seed in (1, 1, 2))
    assert (first.low, first.high) == (again.low, again.high)
    assert first.low != other.low


def test_one_case_and_nothing_at_all_are_defined() -> None:
    one = bootstrap_interval(mean(np.array([0.4])), 1)
    assert (one.value[0], one.low[0], one.high[0]) == (0.4, 0.4, 0.4)
    none = bootstrap_interval(mean(np.array([np.nan, np.nan])), 2)
    assert np.isnan([none.value, none.low, none.high]).all()


def test_draws_without_a_value_are_left_out() -> None:
    found = bootstrap_interval(mean(np.array([0.5, np.nan, np.nan])), 3)  # 8 of 27 draws have no value
    assert (found.value[0], found.low[0], found.high[0]) == (0.5, 0.5, 0.5)


@pytest.mark.parametrize(("options", "told"), [
    ({"cases": 0}, "cases must be 1 or more, with a group each, got 0 cases"),
    ({"cases": 400, "groups": ["a"]}, "cases must be 1 or more, with a group each, got 400 cases"),
    ({"cases": 400, "level": 1}, "level must lie between 0 and 1 and resamples be 1 or more, got 1"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(options: dict, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        bootstrap_interval(mean(VALUES), **options)
