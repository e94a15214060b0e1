from __future__ import annotations

import threading

import pytest

from monai_seg.data import on_all_cores as module
from monai_seg.data.on_all_cores import on_all_cores


@pytest.mark.parametrize("count", [0, 1, 3, 7, 100, 1001])
@pytest.mark.parametrize("cores", [1, 3])
def test_all_are_done_once_and_come_in_order(count: int, cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "usable_cores", lambda: cores)
    assert list(on_all_cores(lambda number: number * 2, range(count))) == [number * 2 for number in range(count)]


def test_few_are_shared_by_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "usable_cores", lambda: 4)
    meet = threading.Barrier(4, timeout=20)  # broken unless four are at work together
    assert list(on_all_cores(lambda number: meet.wait() >= 0, range(4))) == [True] * 4


def test_what_is_raised_comes_out() -> None:
    with pytest.raises(ZeroDivisionError):
        list(on_all_cores(lambda number: 1 / number, [1, 0]))
