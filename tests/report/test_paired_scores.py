from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.stats import rankdata

from monai_seg.report.paired import compare_scores, lower_is_better


def exact_p(change: np.ndarray) -> float:
    """The two-sided signed-rank test by its definition: all signs are equally likely."""
    change = change[change != 0]
    ranks = rankdata(np.abs(change))
    seen = abs(float((np.sign(change) * ranks).sum()))
    drawn = [abs(float((np.array(signs) * ranks).sum())) for signs in product((-1, 1), repeat=change.size)]
    return float(np.mean(np.array(drawn) >= seen - 1e-9))


def test_by_hand():
    found = compare_scores([0.5, 0.5, 0.5, 0.5], [0.9, 0.4, 0.5, 0.6], "dice")
    assert (found.wins, found.losses, found.ties) == (2, 1, 1)
    assert found.mean_first == 0.5 and found.mean_other == pytest.approx(0.6)
    assert found.difference == pytest.approx((0.4 - 0.1 + 0 + 0.1) / 4)
    assert found.low <= found.difference <= found.high
    assert found.worse_by("dice") == pytest.approx(-0.1)


def test_less_may_be_better():
    found = compare_scores([10.0, 10.0], [12.0, 9.0], "hd95")
    assert (found.wins, found.losses) == (1, 1)
    assert found.worse_by("hd95") == pytest.approx(0.5)
    assert lower_is_better("hd95_penalised_nucleus") and not lower_is_better("surface_dice")


@pytest.mark.parametrize("seed", range(5))
def test_wilcoxon_agrees_with_all_signs_tried(seed: int):
    first, other = np.random.default_rng(seed).uniform(size=(2, 10))
    assert compare_scores(first, other, "dice").p == pytest.approx(exact_p(other - first), abs=1e-9)


def test_the_same_run_is_a_tie():
    found = compare_scores([0.3, 0.9], [0.3, 0.9], "dice")
    assert (found.p, found.ties, found.low, found.high) == (1.0, 2, 0.0, 0.0)


def test_swapping_the_runs_turns_the_sign():
    first, other = np.random.default_rng(0).uniform(size=(2, 30))
    there, back = compare_scores(first, other, "dice"), compare_scores(other, first, "dice")
    assert there.difference == pytest.approx(-back.difference)
    assert (there.wins, there.losses) == (back.losses, back.wins)
    assert there.p == pytest.approx(back.p)
    assert there.low == pytest.approx(-back.high, abs=0.02)


def test_images_of_one_patient_count_together():
    random = np.random.default_rng(0)
    shift = np.repeat(random.normal(size=10), 20)  # each patient's images change alike
    first = random.uniform(size=200)
    apart, together = (compare_scores(first, first + shift, "dice", groups) for groups in
                       (None, [str(number // 20) for number in range(200)]))
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_the_interval_covers_what_is_true():
    hits = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        first = random.uniform(size=40)
        found = compare_scores(first, first + random.normal(0.05, 0.1, 40), "dice", resamples=300, seed=seed)
        hits += found.low <= 0.05 <= found.high
    assert 85 <= hits <= 100  # 95 expected


@pytest.mark.parametrize(("first", "other"), [([], []), ([1.0], [1.0, 2.0]), ([float("nan")], [1.0])])
def test_what_cannot_be_paired_is_refused(first: list[float], other: list[float]):
    with pytest.raises(ValueError, match="two scores, both numbers"):
        compare_scores(first, other, "dice")
