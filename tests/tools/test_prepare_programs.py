"""The programs prepare_*.py: what a user types and sees."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from PIL import Image
from typer.testing import CliRunner, Result

from monai_seg.sample import TWINS, make_twin

TOOLS = Path(__file__).resolve().parents[2] / "tools"
HELP = """
import runpy, sys
sys.argv = [{path!r}, "--help"]
sys.path.insert(0, {folder!r})
try:
    runpy.run_path({path!r}, run_name="__main__")
except SystemExit:
    print("heavy:", "torch" in sys.modules)
"""


def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOLS / f"{program}.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return a function like `run` that stays in this process, which saves the time that torch takes to import."""
    monkeypatch.syspath_prepend(str(TOOLS))

    def call(program: str, *arguments: object) -> Result:
        app = typer.Typer()
        app.command()(importlib.import_module(program).prepare)
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return call


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_is_listed(tmp_path: Path, invoke: Callable[..., Result], name: str) -> None:
    make_twin(name, tmp_path / name, cases=15, size=64)
    done = invoke(f"prepare_{name}", tmp_path / name, "--folds", 3)
    assert done.exit_code == 0, done.output
    assert "15 cases" in done.output
    content = json.loads((tmp_path / name / "datalist.json").read_text())
    assert content["prepared_by"] == f"prepare_{name}"
    assert {case["fold"] for case in content["training"]} <= {0, 1, 2}


def test_any_folder_is_listed(tmp_path: Path, invoke: Callable[..., Result]) -> None:
    make_twin("tissue", tmp_path / "raw", cases=4, size=64)
    done = invoke("prepare_folder", tmp_path / "raw/images", tmp_path / "raw/masks", tmp_path / "out",
                  "--group-regex", r"^(slide_\d+)", "--shares", 1, 0, 0)
    assert done.exit_code == 0, done.output
    content = json.loads((tmp_path / "out" / "datalist.json").read_text())
    assert [case["group"] for case in content["training"]] == ["slide_001"] * 4


@pytest.mark.parametrize(("options", "label"), [
    (["--instances"], "masks/a"),
    (["--part", "lung", "--part", "infection"], ["masks/a/lung.png", "masks/a/infection.png"]),
])
def test_folders_of_masks_are_listed(
    tmp_path: Path, invoke: Callable[..., Result], options: list[str], label: str | list[str]
) -> None:
    for name in ("images/a.png", "masks/a/lung.png", "masks/a/infection.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8)).save(tmp_path / name)
    done = invoke("prepare_folder", tmp_path / "images", tmp_path / "masks", tmp_path, *options, "--shares", 1, 0, 0)
    assert done.exit_code == 0, done.output
    assert [case["label"] for case in json.loads((tmp_path / "datalist.json").read_text())["training"]] == [label]


def test_instances_and_parts_exclude_each_other(tmp_path: Path, invoke: Callable[..., Result]) -> None:
    done = invoke("prepare_folder", tmp_path, tmp_path, tmp_path / "out", "--instances", "--part", "lung")
    assert str(done.exception) == "--instances: given together with --part; choose one of them"


@pytest.mark.parametrize("program", sorted(path.stem for path in TOOLS.glob("prepare_*.py")
                                           if path.stem != "prepare_options"))
def test_help_is_there_at_once_and_says_what_it_does(program: str) -> None:
    code = HELP.format(folder=str(TOOLS), path=str(TOOLS / f"{program}.py"))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    first = (TOOLS / f"{program}.py").read_text().split("\n")[0].strip('"')
    assert " ".join(first.split())[:40] in " ".join(done.stdout.split())
    assert "heavy: False" in done.stdout


def test_bad_input_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    done = run("prepare_siim", tmp_path / "none")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"error: {tmp_path / 'none'}: no such folder; name the folder of the data set"]


def test_wrong_usage_is_exit_code_2(tmp_path: Path, invoke: Callable[..., Result]) -> None:
    assert invoke("prepare_siim", tmp_path, "--folds", 1).exit_code == 2


@pytest.mark.slow
def test_a_killed_run_is_completed_by_the_next(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    make_twin("siim", raw, cases=60, size=128)
    expected = {path.name: path.read_bytes() for path in (raw / "png_images").iterdir()}
    process = subprocess.Popen([sys.executable, str(TOOLS / "prepare_siim.py"), str(raw), str(out)])
    while process.poll() is None and len(list(out.glob("png_masks/*.png"))) < 10:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (out / "datalist.json").exists()
    assert run("prepare_siim", raw, out).returncode == 0
    assert {path.name: path.read_bytes() for path in (out / "png_images").iterdir()} == expected
    assert len(list((out / "png_masks").iterdir())) == 60
