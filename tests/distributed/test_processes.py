"""Several processes on this machine, met by gloo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from monai_seg.processes import agreed, bounds, count, of_all, of_first, place, whole


@cache
def played(size: int) -> list[dict[str, Any]]:
    """Return what the scenes give in each of ``size`` processes."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("ranks.py")), str(size)], capture_output=True, text=True,
        timeout=120, env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def play(scene: str, size: int) -> list[Any]:
    return [part[scene] for part in played(size)]


def test_one_process_agrees_with_itself() -> None:
    assert (count(), place(), agreed(3), of_first(lambda: "x"), of_all(5)) == (1, 0, 3, "x", [5])
    value = [object()]
    assert whole(value, [1]) is value


@pytest.mark.parametrize(("length", "parts", "sizes"), [(5, 2, [2, 3]), (5, 3, [1, 2, 2]), (4, 4, [1] * 4)])
def test_stretches_are_nearly_equal_and_all_there_is(length: int, parts: int, sizes: list[int]) -> None:
    found = bounds(length, parts)
    assert [end - start for start, end in found] == sizes
    assert list(chain(*(range(*stretch) for stretch in found))) == list(range(length))


@pytest.mark.parametrize("size", [2, 3])
def test_words_are_the_same_in_all(size: int) -> None:
    assert play("words", size) == [
        {"count": size, "place": rank, "agreed": size - 1, "first": 0, "all": list(range(size)),
         "refused": "a.png: is cut off; copy it again"} for rank in range(size)]  # fmt: skip


def test_gradients_of_uneven_shares_add_up_to_that_of_the_whole() -> None:
    found = play("gradient", 3)  # images 1 | 2 3 | 4 5 6, sum 21, weight w = 0.5
    assert all(part == found[0] for part in found)
    assert found[0]["logits"] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert found[0]["loss"] == pytest.approx((21 * 0.5) ** 2 / 21)
    assert found[0]["gradient"] == pytest.approx(2 * 21 * 0.5)  # d/dw of 21 w²


@pytest.mark.parametrize("size", [2, 3])
def test_shares_are_the_batches_of_one_process(size: int) -> None:
    (alone,), together = play("loaders", 1), play("loaders", size)
    for key in ("train", "seeds"):
        assert [list(chain(*parts)) for parts in zip(*(part[key] for part in together), strict=True)] == alone[key]
    assert sorted(chain(*(part["validate"] for part in together))) == alone["validate"]
    assert sorted(chain(*(part["evaluate"] for part in together))) == list(range(7))


def test_each_decodes_its_share_and_knows_of_all() -> None:
    assert play("filled", 2) == [{"decoded": n, "lesion": [False, True] * 3 + [False], "after": n} for n in (4, 3)]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_scores_are_exact_on_uneven_shares(size: int) -> None:
    assert play("dice", size) == [pytest.approx(0.8)] * size


def test_batch_norms_remember_the_mean_of_all() -> None:
    assert play("statistics", 2) == [[pytest.approx(0.05)] * 2] * 2  # momentum 0.1 of the means 0 and 1
