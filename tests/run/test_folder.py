from __future__ import annotations

import json
import logging
import multiprocessing
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from monai_seg.errors import InputError
from monai_seg.run import RunFolder, folder


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stands for the config of the workflow that would be running; locks do not outlive the test."""
    config = {"seed": 1, "path": Path("x")}
    monkeypatch.setattr(folder, "recorded_config", lambda: config)
    monkeypatch.setattr(folder.atexit, "register", lambda *_, **__: None)
    return config


def ended(path: Path) -> None:
    """What the end of the process does."""
    (path / "run.lock").unlink()


def lock(path: Path, content: Any) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "run.lock").write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def this_process(**changed: Any) -> dict[str, Any]:
    return {"pid": os.getpid(), "host": socket.gethostname(), "started": psutil.Process().create_time(),
            "since": "2026-01-01 00:00:00", **changed}  # fmt: skip


def test_a_new_folder_gets_the_config_and_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "siim"
    RunFolder(path)
    assert json.loads((path / "config.json").read_text()) == {"seed": 1, "path": "x"}
    assert json.loads((path / "run.lock").read_text())["pid"] == os.getpid()
    assert sorted(os.listdir(path)) == ["config.json", "run.lock"]


def test_an_earlier_run_is_moved_aside_with_a_word(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "siim"
    for run in range(3):
        with caplog.at_level(logging.INFO, "monai_seg.run.folder"):
            RunFolder(path)
        (path / "model.pt").write_text(f"weights {run}")
        ended(path)
    assert sorted(os.listdir(tmp_path)) == ["siim", "siim.1", "siim.2"]
    found = [(tmp_path / name / "model.pt").read_text() for name in ("siim.1", "siim.2", "siim")]
    assert found == ["weights 0", "weights 1", "weights 2"]
    assert f"{path} held an earlier run; it is now {tmp_path / 'siim.2'}" in caplog.text


def test_checkpoints_alone_are_a_run_and_other_files_are_none(tmp_path: Path) -> None:
    (tmp_path / "a" / "checkpoints").mkdir(parents=True)
    RunFolder(tmp_path / "a")
    assert (tmp_path / "a.1" / "checkpoints").is_dir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "notes.txt").write_text("mine")
    RunFolder(tmp_path / "b")
    assert (tmp_path / "b" / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "b.1").exists()


@pytest.mark.parametrize("resume", [True, "auto"])
def test_a_run_to_resume_stays_where_it_is(tmp_path: Path, resume: bool | str) -> None:
    path = tmp_path / "siim"
    RunFolder(path)
    (path / "model.pt").write_text("weights")
    ended(path)
    RunFolder(path, resume=resume)
    assert (path / "model.pt").read_text() == "weights"
    assert os.listdir(tmp_path) == ["siim"]


@pytest.mark.parametrize("resume", [False, True, "auto"])
def test_a_second_live_process_is_refused_and_nothing_is_touched(tmp_path: Path, resume: bool | str) -> None:
    path = tmp_path / "siim"
    RunFolder(path)
    before = {name: (path / name).read_bytes() for name in os.listdir(path)}
    with pytest.raises(InputError, match=rf"siim: process {os.getpid()} on .* runs here since 20.*; wait for it"):
        RunFolder(path, resume=resume)
    assert {name: (path / name).read_bytes() for name in os.listdir(path)} == before
    assert os.listdir(tmp_path) == ["siim"]


def test_the_lock_of_another_host_is_believed(tmp_path: Path) -> None:
    path = lock(tmp_path / "siim", {"pid": 1, "host": "another-host"})
    with pytest.raises(InputError, match=r"process 1 on another-host .* if that host is gone, remove run\.lock"):
        RunFolder(path)


@pytest.mark.parametrize("content", [
    this_process(started=12345.0),  # the number went to another process since
    "", "{", "[]", "{}", '{"pid": "x", "started": 1}',
], ids=["reused number", "empty", "cut short", "list", "nothing", "no host"])  # fmt: skip
def test_a_dead_lock_is_taken_over_with_a_word(tmp_path: Path, content: Any, caplog: pytest.LogCaptureFixture) -> None:
    path = lock(tmp_path / "siim", content)
    with caplog.at_level(logging.INFO, "monai_seg.run.folder"):
        RunFolder(path)
    assert "its process is gone; the run folder is taken over" in caplog.text
    assert json.loads((path / "run.lock").read_text())["started"] == psutil.Process().create_time()


def test_the_lock_of_a_process_that_ended_is_taken_over(tmp_path: Path) -> None:
    done = subprocess.Popen([sys.executable, "-c", "pass"])
    done.wait()
    path = lock(tmp_path / "siim", this_process(pid=done.pid))
    RunFolder(path)
    assert json.loads((path / "run.lock").read_text())["pid"] == os.getpid()


@pytest.mark.parametrize("found", ["nothing", "a dead lock", "an earlier run"])
def test_of_many_that_start_at_once_one_gets_the_folder(tmp_path: Path, found: str) -> None:
    """Each waits at a barrier, claims, and stays alive until all have tried."""
    path = tmp_path / "siim"
    if found == "a dead lock":
        lock(path, this_process(started=12345.0))
    elif found == "an earlier run":
        (path / "checkpoints").mkdir(parents=True)
    fork = multiprocessing.get_context("fork")
    count, answers = 8, fork.Queue()
    start, end = fork.Barrier(count), fork.Barrier(count)

    def claim() -> None:
        start.wait()
        try:
            RunFolder(path)
            answers.put(os.getpid())
        except InputError:
            answers.put(0)
        end.wait()

    processes = [fork.Process(target=claim) for _ in range(count)]
    for process in processes:
        process.start()
    told = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join()
    winners = [pid for pid in told if pid]
    assert len(winners) == 1
    assert json.loads((path / "run.lock").read_text())["pid"] == winners[0]
    assert sorted(os.listdir(tmp_path)) == (["siim", "siim.1"] if found == "an earlier run" else ["siim"])


def test_without_locks_of_the_system_or_links_the_claim_is_still_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(folder, "fcntl", None)
    monkeypatch.setattr(os, "link", refuse)
    assert folder._claim(tmp_path / "run.lock", "first")
    assert not folder._claim(tmp_path / "run.lock", "second")
    assert (tmp_path / "run.lock").read_text() == "first"
    assert os.listdir(tmp_path) == ["run.lock"]


def test_the_lock_goes_with_its_process(tmp_path: Path) -> None:
    code = ("from monai_seg.run import folder\nfolder.recorded_config = dict\n"
            f"import os\nfolder.RunFolder({str(tmp_path / 'a')!r})\nprint(os.listdir({str(tmp_path / 'a')!r}))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert "run.lock" in done.stdout
    assert os.listdir(tmp_path / "a") == ["config.json"]


def test_other_processes_of_a_run_claim_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    RunFolder(tmp_path / "siim")
    assert not (tmp_path / "siim").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        RunFolder(tmp_path / "file" / "siim")
