from __future__ import annotations

import csv
import json
import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from optuna.trial import TrialState, create_trial
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.tune import results, training
from monai_seg.tune import study as study_module
from monai_seg.tune import tune as tune_module
from monai_seg.tune.command import table_lines
from monai_seg.tune.space import Space
from monai_seg.tune.study import distributions, ended, folder_of, next_trial, open_study
from monai_seg.tune.training import TrialRun, tenths
from monai_seg.tune.tune import Search, tune

FAKE = Path(__file__).with_name("fake_training.py")
SPACE: Space = {"learning_rate": {"low": 0.1, "high": 0.8}}


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle whose training is the fake one, with a space beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(training, "PROGRAM", (str(FAKE),))
    monkeypatch.setattr(training, "LOOK_EVERY_S", 0.01)
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "train.json").write_text(json.dumps({"learning_rate": 0.1, "schedule_minutes": 1}))
    write_space(tmp_path, SPACE)
    return Path("bundle")


def write_space(folder: Path, space: Any) -> None:
    (folder / "space.json").write_text(json.dumps(space))


def search(bundle: Path, trials: int, **options: Any) -> list[dict[str, Any]]:
    said: list[str] = []
    return tune(Search(bundle, trials, **{"minutes": 60, "out": Path("out"), "space": Path("space.json"), **options}),
                said.append)


def rows(*pairs: tuple[float, str]) -> list[dict[str, str]]:
    return [{"seconds": str(seconds), "val_dice": score} for seconds, score in pairs]


def test_each_tenth_of_the_time_has_the_best_score_until_then():
    found = tenths(rows((3, "0.1"), (12, "0.4"), (31, ""), (55, "0.2")), "val_dice", False, 100)
    assert found == [(1, 0.4), (2, 0.4), (3, 0.4), (4, 0.4), (5, 0.4)]
    assert tenths(rows((31, ""), (45, "0.2")), "val_dice", False, 100) == [(1, 0.2), (2, 0.2), (3, 0.2), (4, 0.2)]
    assert tenths(rows((12, "0.4"), (250, "0.3")), "val_dice", True, 100)[-1] == (10, 0.3)
    assert tenths(rows((12, "nan")), "val_dice", False, 100) == []


def test_the_best_trial_is_told_and_written_as_an_overlay(bundle: Path):
    table = search(bundle, 4)  # none of the first four is pruned
    assert [row["state"] for row in table] == ["complete"] * 4
    assert all(row["score"] == pytest.approx(row["learning_rate"]) for row in table)  # what the fake one reaches
    assert table[0]["score"] == max(row["score"] for row in table)
    assert json.loads(Path("out/best.json").read_text()) == {"learning_rate": table[0]["learning_rate"]}
    with open("out/trials.csv", newline="") as file:
        assert [int(row["trial"]) for row in csv.DictReader(file)] == [row["trial"] for row in table]
    assert Path("out/importances.png").read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in Path("out").glob("trial_*")} == {f"trial_{number:04d}" for number in range(4)}


def test_the_same_command_goes_on_where_it_was(bundle: Path):
    first = search(bundle, 2)
    assert len(search(bundle, 3)) == 3
    assert search(bundle, 3)[-1] in [*first, *search(bundle, 3)]
    assert len(list(Path("out").glob("trial_*"))) == 3


def test_a_trial_that_is_worse_than_the_median_is_stopped(bundle: Path, tmp_path: Path):
    (tmp_path / "bundle" / "train.json").write_text(
        json.dumps({"learning_rate": 0.1, "schedule_minutes": 1, "waits": 1}))
    write_space(tmp_path, {"learning_rate": {"choices": [0.3, 0.01]}})
    study = open_study(Path("out"), {}, False)
    for rate in (0.3, 0.3, 0.3, 0.3, 0.01):
        study.enqueue_trial({"learning_rate": rate})
    table = search(bundle, 5)
    assert [row["state"] for row in table] == ["complete"] * 4 + ["pruned"]
    assert table[-1]["learning_rate"] == 0.01 and table[-1]["score"] < 0.01
    assert not Path("out", table[-1]["folder"], "STOP").exists()


def test_what_a_killed_process_began_is_gone_on_with_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    study = open_study(tmp_path, {}, False)
    trial = next_trial(study, SPACE, 1)
    assert trial is not None and next_trial(study, SPACE, 1) is None  # it is being trained, by us
    monkeypatch.setattr(study_module, "_lives", lambda owner: False)
    again = next_trial(open_study(tmp_path, {}, False), SPACE, 1)
    assert again is not None
    assert again.params == trial.params and folder_of(again) == folder_of(trial) == "trial_0000"
    states = [one.state for one in study.get_trials()]
    assert states == [TrialState.FAIL, TrialState.RUNNING]
    monkeypatch.undo()
    study.tell(again.number, 0.5)
    assert len(ended(study)) == 1 and next_trial(study, SPACE, 1) is None


def test_two_processes_share_the_trials(tmp_path: Path):
    one, other = (open_study(tmp_path, {"space": SPACE}, False) for _ in range(2))
    trials = [next_trial(study, SPACE, 3) for study in (one, other, one, other)]
    assert [trial.number for trial in trials if trial] == [0, 1, 2] and trials[3] is None


def test_trainings_that_fail_whatever_the_values_end_the_search(bundle: Path, tmp_path: Path):
    write_space(tmp_path, {"learning_rate": {"low": 0.95, "high": 0.99}})
    with pytest.raises(InputError, match=r"3 trainings in a row failed, the last with: error: learning_rate: too much"):
        search(bundle, 5)


def test_a_trial_that_fails_is_told_in_a_line_and_the_search_goes_on(bundle: Path, tmp_path: Path):
    write_space(tmp_path, {"learning_rate": {"choices": [0.3, 0.95]}})
    study = open_study(Path("out"), {}, False)
    for rate in (0.95, 0.3, 0.95, 0.3):
        study.enqueue_trial({"learning_rate": rate})
    said: list[str] = []
    table = tune(Search(bundle, 2, 60, Path("out"), Path("space.json")), said.append)
    assert [line for line in said if "failed" in line] == [
        f"trial {number}: failed with exit code 1; error: learning_rate: too much; take less" for number in (0, 2)]
    assert sorted(row["state"] for row in table) == ["complete", "complete", "fail", "fail"]
    assert [row["score"] for row in table][2:] == [None, None] and table_lines(table)[-1].split()[2] == "-"


def kill_after_starting(bundle: Path) -> None:
    """Search, and be killed once the second training has begun."""
    start, started = TrialRun.start, []

    def deadly(run: TrialRun) -> None:
        start(run)
        started.append(run)
        if len(started) == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    TrialRun.start = deadly  # type: ignore[method-assign]
    search(bundle, 4)


def in_a_process(work: Callable[..., Any], *words: Any) -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=work, args=words)
    process.start()
    return process


@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_killed_search_is_gone_on_with_by_the_same_command(bundle: Path):
    killed = in_a_process(kill_after_starting, bundle)
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL
    table = search(bundle, 4)
    assert [row["state"] for row in table] == ["complete"] * 4 + ["fail"]
    assert table[-1]["trial"] == 1 and table[-1]["score"] is None  # what was killed
    again = next(row for row in table if row["folder"] == "trial_0001" and row["state"] == "complete")
    assert again["learning_rate"] == table[-1]["learning_rate"]
    assert len(list(Path("out").glob("trial_*"))) == 4


@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_two_processes_make_the_trials_once(bundle: Path):
    both = [in_a_process(search, bundle, 8) for _ in range(2)]
    for process in both:
        process.join(120)
    assert [process.exitcode for process in both] == [0, 0]
    table = search(bundle, 8)
    assert len(table) == 8 == len({row["folder"] for row in table})
    assert {row["state"] for row in table} <= {"complete", "pruned"}


def test_no_trial_is_begun_that_would_end_after_the_minutes(bundle: Path, monkeypatch: pytest.MonkeyPatch):
    """Of 4 trials of 12 s in a minute each takes 25 s here, by a clock that is set by hand: two of them fit."""
    now = [0.0]
    monkeypatch.setattr(tune_module.time, "monotonic", lambda: now[0])
    plain = TrialRun.start

    def slow(run: TrialRun) -> None:
        plain(run)
        now[0] += 25

    monkeypatch.setattr(TrialRun, "start", slow)
    said: list[str] = []
    table = tune(Search(bundle, 4, 1.0, Path("out"), Path("space.json")), said.append)
    assert len(table) == 2 and now[0] <= 60
    assert said[-1] == "the 1 minutes are over; the same command goes on where it is"


def test_lines_have_short_values_below_each_other():
    network = json.dumps({"_target_": "monai.networks.nets.UNet", "channels": [32, 64, 512]})
    rows = [{"trial": 3, "folder": "trial_0003", "state": "complete", "score": 0.5, "seconds": 10,
             "loss": "a.b.DiceLoss", "network_def": network},
            {"trial": 12, "folder": "trial_0012", "state": "pruned", "score": 0.25, "seconds": None, "loss": "MyLoss",
             "network_def": "%bundles/networks/unet.json"}]
    assert table_lines(rows) == [
        "trial  state     score   seconds  loss      network_def",
        "3      complete  0.5000  10       DiceLoss  UNet 32-512",
        "12     pruned    0.2500  -        MyLoss    unet",
    ]


@pytest.mark.parametrize("has_sklearn", [True, False])
def test_what_matters_is_found(has_sklearn: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Scores follow one value of two; the picture is drawn with pruned trials, too."""
    monkeypatch.setattr(results, "find_spec", lambda _: has_sklearn or None)
    space: Space = {"learning_rate": {"low": 0.1, "high": 0.8}, "augment": {"choices": ["none", "light"]}}
    study = open_study(tmp_path, {"score": "val_dice"}, False)
    generator = random.Random(0)
    for number in range(24):
        rate, augment = generator.uniform(0.1, 0.8), generator.choice(["none", "light"])
        study.add_trial(create_trial(
            params={"learning_rate": rate, "augment": augment}, distributions=distributions(space),
            value=None if number % 8 == 7 else rate, intermediate_values={1: rate / 2},
            state=TrialState.PRUNED if number % 8 == 7 else TrialState.COMPLETE))
    shares = results.importances(study)
    assert list(shares) == ["learning_rate", "augment"] and shares["learning_rate"] > 0.8
    rows = results.write_results(study, space, tmp_path, False)
    assert [row["state"] for row in rows][-3:] == ["pruned"] * 3
    with Image.open(tmp_path / "importances.png") as picture:
        assert picture.size == (1200, 300)


def test_a_study_begun_on_other_terms_is_not_gone_on_with(bundle: Path, tmp_path: Path):
    search(bundle, 1)
    write_space(tmp_path, {"learning_rate": {"low": 0.2, "high": 0.8}})
    with pytest.raises(InputError, match="out: its trials were begun with another space"):
        search(bundle, 2)


@pytest.mark.parametrize(("options", "line"), [
    ({"bundle": Path("nowhere")}, r"nowhere/train\.json: no such bundle"),
    ({"trials": 0}, "--trials: must be a whole number from 1 up, got 0"),
    ({"minutes": -1}, "--minutes: must be a number above 0, got -1"),
    ({"words": ("--learning_rate", "0.1")}, "--learning_rate: is searched and given at once"),
    ({"score": "val_dize"}, "--score: val_dize is not in .*; give one of val_dice"),
])  # fmt: skip
def test_what_cannot_be_searched_is_told_in_a_line(options: dict[str, Any], line: str, bundle: Path):
    with pytest.raises(InputError, match=line):
        search(**{"bundle": bundle, "trials": 1, **options})
