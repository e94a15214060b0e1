"""A planning that is killed where nothing can be tidied up leaves no half bundle, and the next one clears the rest."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from quick_plans import be_quick

from monai_seg.data import DataList
from monai_seg.plan import dataset, leftovers, new
from monai_seg.plan.leftovers import begun, note_named, sweep
from monai_seg.plan.new import Order, new_bundle

pytestmark = pytest.mark.usefixtures("quick")
CLEAN = multiprocessing.get_context("forkserver")  # forks of a process without threads, which may hold locks
CLEAN.set_forkserver_preload([new_bundle.__module__])
ROOT_PARTS = {"engines", "networks", "isic", "tissue"}
OTHER_NAMES = {"folders": ("scans", "truth"), "image": "x{}_img.png", "mask": "gt_x{}.png"}
Write = Callable[..., tuple[Path, Path]]
POINTS = {  # module and function at whose so manyeth call the process is killed, before or after it
    "linking a file": (dataset.os, "link", 3, "before"),
    "listing the cases": (dataset, "write_datalist", 1, "before"),
    "measuring": (new, "measure_pace", 1, "before"),
    "drawing": (new, "preview", 1, "after"),
    "writing the README": (new, "readme", 1, "before"),
    "noting the name of the data": (dataset, "note_named", 1, "after"),
    "naming the data": (os, "rename", 1, "after"),
    "naming the bundle": (os, "rename", 2, "after"),
}


def kill_at(module: Any, name: str, call: int, when: str) -> None:
    """Let the call of that number of ``module.name`` be this process's last."""
    plain, calls = getattr(module, name), []

    def deadly(*args: Any, **options: Any) -> Any:
        calls.append(name)
        if len(calls) == call and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = plain(*args, **options)
        if len(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, name, deadly)


def plan_and_be_killed(folders: tuple[Path, Path], point: str) -> int | None:
    """Plan in a process of its own, which is killed at ``point``, and return the exit code."""

    process = CLEAN.Process(target=_plan_until, args=(folders, point))
    process.start()
    process.join(60)
    return process.exitcode


def _plan_until(folders: tuple[Path, Path], point: str) -> None:
    be_quick()
    kill_at(*POINTS[point])
    new_bundle(Order("mine", *folders), say=lambda _: None)


@pytest.mark.parametrize(("point", "names"), [
    *((point, OTHER_NAMES) for point in POINTS),  # data/mine is a folder of links to files
    *((point, {}) for point in POINTS if point not in ("linking a file", "listing the cases")),  # a link
])  # fmt: skip
def test_the_next_plan_clears_what_a_killed_one_left(point: str, names: dict[str, Any], root: Path, write: Write):
    folders = write(**names)
    before = sorted(folders[0].parent.rglob("*"))
    assert plan_and_be_killed(folders, point) == -signal.SIGKILL
    shown = {path.name for path in Path("bundles").iterdir() if not path.name.startswith(".")}
    if point == "naming the bundle":  # the last step: all is there
        assert shown == ROOT_PARTS | {"mine"} and DataList("data/mine").training
        new_bundle(Order("other", *folders), say=lambda _: None)
        assert {path.name for path in Path("data").iterdir()} == {"mine", "other"}
        return
    assert shown == ROOT_PARTS
    said: list[str] = []
    assert new_bundle(Order("mine", *folders), say=said.append) == Path("bundles/mine")
    assert any("removed, a planning that was killed had begun it" in line for line in said)
    assert {path.name for path in Path("bundles").iterdir()} == ROOT_PARTS | {"mine"}
    assert {path.name for path in Path("data").iterdir()} == {"mine"}
    assert DataList("data/mine").training
    assert sorted(folders[0].parent.rglob("*")) == before


def test_what_a_living_process_makes_is_left_alone(root: Path):
    data = Path("data")
    data.mkdir()
    mine = begun(data, "mine")
    mine.mkdir()
    note = note_named(mine)
    assert sweep(Path("bundles"), data) == [] and mine.exists() and note.exists()


def test_a_younger_process_of_the_same_number_did_not_make_it(root: Path, monkeypatch: pytest.MonkeyPatch):
    mine = begun(Path("bundles"), "mine")
    mine.mkdir()
    os.utime(mine, (1e9, 1e9))  # long before this process began
    assert sweep(Path("bundles"), Path("data")) == [mine] and not mine.exists()


def test_data_of_that_name_which_are_not_those_of_the_note_stay(root: Path, monkeypatch: pytest.MonkeyPatch):
    data = Path("data")
    (data / "mine").mkdir(parents=True)
    (data / "mine" / "kept.png").write_bytes(b"")
    beside = begun(data, "mine")
    beside.mkdir()
    note_named(beside)
    monkeypatch.setattr(leftovers, "_lives", lambda *_: False)
    assert sweep(Path("bundles"), data) == [beside]
    assert [path.name for path in data.iterdir()] == ["mine"] and (data / "mine" / "kept.png").exists()
