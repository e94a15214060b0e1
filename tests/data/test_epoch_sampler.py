from __future__ import annotations

import logging
import math
from collections import Counter

import pytest

from monai_seg.data.case_dataset import Draw, sample_seed
from monai_seg.data.epoch_sampler import EpochSampler
from monai_seg.errors import InputError

POSITIVE = [i % 5 == 0 for i in range(50)]  # 10 of 50 cases


def draws(sampler: EpochSampler, epoch: int) -> list[Draw]:
    sampler.set_epoch(epoch)
    return list(sampler)


def test_equal_seed_and_epoch_give_equal_draws() -> None:
    first, second = (EpochSampler(50, seed=3, positive=POSITIVE, positive_share=0.5) for _ in range(2))
    draws(first, 1)  # what was drawn before does not matter
    assert draws(first, 7) == draws(second, 7)


def test_another_seed_or_epoch_gives_others() -> None:
    one = draws(EpochSampler(50, seed=0), 1)
    for other in (draws(EpochSampler(50, seed=1), 1), draws(EpochSampler(50, seed=0), 2)):
        assert [draw.case for draw in one] != [draw.case for draw in other]
        assert {draw.seed for draw in one}.isdisjoint(draw.seed for draw in other)


def test_without_a_share_every_case_is_drawn_once() -> None:
    sampler = EpochSampler(50, seed=0)
    assert len(sampler) == 50
    for epoch in range(5):
        assert sorted(draw.case for draw in draws(sampler, epoch)) == list(range(50))


def test_without_shuffling_the_order_stays() -> None:
    assert [draw.case for draw in draws(EpochSampler(9, shuffle=False), 4)] == list(range(9))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.77, 1.0])
@pytest.mark.parametrize("window", [1, 4, 8, 13, 50])
def test_every_window_holds_the_share(share: float, window: int) -> None:
    sampler = EpochSampler(50, seed=1, positive=POSITIVE, positive_share=share)
    for epoch in range(20):
        is_positive = [POSITIVE[draw.case] for draw in draws(sampler, epoch)]
        for start in range(50 - window + 1):
            count = sum(is_positive[start : start + window])
            assert math.floor(share * window) <= count <= math.ceil(share * window)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_every_case_of_a_kind_comes_equally_often_within_one(share: float) -> None:
    sampler = EpochSampler(50, seed=2, positive=POSITIVE, positive_share=share)
    for epoch in range(10):
        times = Counter(draw.case for draw in draws(sampler, epoch))
        assert sum(times.values()) == 50
        for kind in (True, False):
            of_kind = [times[case] for case in range(50) if POSITIVE[case] is kind]
            assert max(of_kind) - min(of_kind) <= 1


def test_a_repeated_case_gets_another_seed_each_time() -> None:
    drawn = draws(EpochSampler(50, positive=POSITIVE, positive_share=1.0), 1)
    assert max(Counter(draw.case for draw in drawn).values()) == 5
    assert len({draw.seed for draw in drawn}) == 50


def test_seeds_fit_into_63_bits_and_never_meet() -> None:
    seeds = [sample_seed(seed, epoch, case, turn)
             for seed in range(3) for epoch in range(10) for case in range(40) for turn in range(3)]
    assert all(0 <= seed < 2**63 for seed in seeds)
    assert len(set(seeds)) == len(seeds)
    assert max(seeds) > 2**62  # the high bits are used


@pytest.mark.parametrize("positive", [[True] * 6, [False] * 6])
def test_one_kind_alone_is_drawn_once_and_told(positive: list[bool], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sampler = EpochSampler(6, positive=positive, positive_share=0.5)
    assert f"positive_share 0.5 cannot be kept: {sum(positive)} of 6 cases show a lesion" in caplog.text
    assert sorted(draw.case for draw in draws(sampler, 1)) == list(range(6))


@pytest.mark.parametrize("done", [0, 1, 13, 49, 50])
def test_what_is_done_is_left_out_and_the_rest_stays(done: int) -> None:
    sampler = EpochSampler(50, seed=3, positive=POSITIVE, positive_share=0.5)
    whole = draws(sampler, 4)
    sampler.set_epoch(4, done)
    assert list(sampler) == whole[done:]
    assert len(sampler) == 50
    assert draws(sampler, 4) == whole  # the next epoch is whole again


def test_refusals() -> None:
    with pytest.raises(InputError, match=r"^positive_share: must be between 0 and 1, got 1\.5; give 0\.5, or null$"):
        EpochSampler(3, positive=[True, False, False], positive_share=1.5)
    with pytest.raises(ValueError, match="positive of 3 entries, got shuffle=True and 0 entries"):
        EpochSampler(3, positive_share=0.5)
    with pytest.raises(ValueError, match="needs shuffle=True"):
        EpochSampler(3, shuffle=False, positive=[True, False, False], positive_share=0.5)
