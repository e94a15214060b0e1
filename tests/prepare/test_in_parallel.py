from __future__ import annotations

import threading
from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.prepare import in_parallel
from monai_seg.prepare.in_parallel import BAD_FILES, do_each


def refuse_odd(number: int) -> int:
    if number % 2:
        raise InputError(f"{number}.png", "is odd", "make it even")
    return number * 10


def test_results_come_in_order() -> None:
    assert do_each(refuse_odd, [4, 0, 2], "work") == [40, 0, 20]
    assert do_each(refuse_odd, [], "work") == []


def test_one_bad_file_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^3\.png: is odd; make it even$"):
        do_each(refuse_odd, [2, 3, 4], "work", tmp_path)
    assert not (tmp_path / BAD_FILES).exists()


def test_several_bad_files_are_counted_and_listed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^1\.png: is odd \(and 2 more bad files, all listed in .*bad_files\.txt\)"):
        do_each(refuse_odd, [1, 2, 3, 5], "work", tmp_path)
    assert (tmp_path / BAD_FILES).read_text().splitlines() == [f"{n}.png: is odd; make it even" for n in (1, 3, 5)]


def test_our_own_faults_are_not_taken_for_bad_files() -> None:
    with pytest.raises(ZeroDivisionError):
        do_each(lambda number: 1 // number, [1, 0], "work")


def test_an_interrupt_leaves_what_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    def work(number: int) -> None:
        begun.append(number)
        threading.Event().wait(0.05)

    monkeypatch.setattr(in_parallel, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        do_each(work, list(range(100)), "work")
    assert len(begun) < 100


def test_a_log_gets_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    do_each(refuse_odd, [0] * 1000, "work")
    lines = capsys.readouterr().err.splitlines()
    assert 1 <= len(lines) <= 5
    assert lines[-1] == "work: 1,000 of 1,000"
