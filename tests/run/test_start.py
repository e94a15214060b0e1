from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest
import torch

from monai_seg.run import start


@pytest.fixture(autouse=True)
def leave_the_process_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    state = torch.get_rng_state()
    yield
    torch.set_flush_denormal(False)
    torch.set_rng_state(state)
    logging.disable(logging.NOTSET)


def test_equal_seeds_give_equal_weights() -> None:
    weights = []
    for seed in (3, 3, 4):
        start(seed)
        weights.append(torch.nn.Conv2d(1, 4, 3).weight)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_without_a_seed_the_random_numbers_go_on() -> None:
    torch.manual_seed(5)
    state = torch.get_rng_state()
    start()
    assert torch.equal(torch.get_rng_state(), state)


def test_the_tiniest_numbers_are_zero() -> None:
    tiny = torch.full((4,), 1e-38)
    assert (tiny / 100).gt(0).all()
    start()
    assert (tiny / 100).eq(0).all()


def test_bad_input_will_end_in_one_line() -> None:
    start()
    assert sys.excepthook.__module__ == "monai_seg.errors"


@pytest.mark.parametrize(("rank", "enabled"), [("0", True), ("1", False)])
def test_other_processes_say_warnings_alone(monkeypatch: pytest.MonkeyPatch, rank: str, enabled: bool) -> None:
    monkeypatch.setenv("RANK", rank)
    start()
    logger = logging.getLogger("monai_seg.test")
    logger.setLevel(logging.INFO)
    assert logger.isEnabledFor(logging.INFO) is enabled
    assert logger.isEnabledFor(logging.WARNING)
