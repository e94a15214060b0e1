"""The evaluation command."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commands import BUNDLES, Command, quick_with


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("bundle", BUNDLES)
def test_each_case_of_the_split_is_scored_once(bundle: str, run: Command, twins: dict[str, Path], runs: dict[str, Path],
                                               tmp_path: Path):
    from monai_seg.data import DataList

    options = {"dataset_dir": twins[bundle], "run_dir": runs[bundle], "output_dir": tmp_path}
    for split in ("test", "validation", "test"):  # a second time replaces the rows of the first
        done = run(f"{bundle}/evaluate", split=split, **options)
        assert done.code == 0, done
    cases = rows(tmp_path / "cases.csv")
    for split in ("test", "validation"):
        expected = sorted(case["image"] for case in DataList(twins[bundle]).cases(split))
        assert sorted(row["image"] for row in cases if row["split"] == split) == expected
    summary = {row["score"]: row["value"] for row in rows(tmp_path / "summary.csv")}
    scores = [float(row["dice"]) for row in cases if row["split"] == "test"]
    assert float(summary["test_dice"]) == pytest.approx(sum(scores) / len(scores), abs=1e-5)
    assert "validation_dice" in summary
    pixels = [row for row in rows(tmp_path / "confusion.csv") if row["split"] == "test"]
    drawn = sum(int(row["count"]) for row in pixels if row["truth"] != pixels[0]["truth"])  # all but the background
    assert drawn == sum(int(row["label_area_px"]) for row in cases if row["split"] == "test") > 0
    report = [row["class"] for row in rows(tmp_path / "classification_report.csv") if row["split"] == "test"]
    assert report == [*dict.fromkeys(row["truth"] for row in pixels), "accuracy", "macro avg", "weighted avg"]


def test_the_run_s_own_settings_are_evaluated(run: Command, twins: dict[str, Path], trained: Path):
    """A threshold of 1 that was trained with holds without being named again: nothing is drawn, so nothing overlaps."""
    (trained / "operating_point.json").unlink()
    config = trained / "config.json"
    text = config.read_text()
    assert '"threshold": 0.5,' in text
    config.write_text(text.replace('"threshold": 0.5,', '"threshold": 1.0,'))
    done = run("siim/evaluate", dataset_dir=twins["siim"], run_dir=trained, split="training")
    assert done.code == 0, done
    for row in rows(trained / "cases.csv"):
        assert float(row["dice"]) in (0, 1)
    summary = {row["score"]: row["value"] for row in rows(trained / "summary.csv")}
    assert float(summary["training_false_alarm_rate"]) == 0 and float(summary["training_miss_rate"]) == 1


def test_what_was_found_on_validation_data_is_evaluated(run: Command, twins: dict[str, Path], trained: Path):
    found = trained / "operating_point.json"
    assert json.loads(found.read_text())["split"] == "validation"
    found.write_text(json.dumps({"decide_threshold": 0.0, "min_area_share": 0.0, "threshold": 1.0}))
    done = run("siim/evaluate", dataset_dir=twins["siim"], run_dir=trained, split="training")
    assert f"threshold 1, as found on validation data ({found})" in done.stdout
    assert {row["dice"] for row in rows(trained / "cases.csv")} == {"0", "1"}, "nothing is drawn"


@pytest.mark.parametrize("bundle", quick_with("siim", "tissue"))
def test_mirrored_copies_and_other_runs_vote(bundle: str, run: Command, twins: dict[str, Path], runs: dict[str, Path],
                                             tmp_path: Path):
    scores = {}
    for name, options in {"plain": {}, "same": {"ensemble": [str(runs[bundle])]}, "tta": {"tta": "true"}}.items():
        done = run(f"{bundle}/evaluate", split="training", dataset_dir=twins[bundle], run_dir=runs[bundle],
                   output_dir=tmp_path / name, decide_threshold=0.5, min_area_share=0.0, **options)
        assert done.code == 0, done
        scores[name] = [(tmp_path / name / file).read_text() for file in ("cases.csv", "calibration.csv")]
    assert scores["same"] == scores["plain"], "a network that votes with itself"
    assert scores["tta"] != scores["plain"]


def test_runs_of_another_task_do_not_vote(run: Command, twins: dict[str, Path], runs: dict[str, Path], tmp_path: Path):
    done = run("siim/evaluate", dataset_dir=twins["siim"], run_dir=runs["siim"], ensemble=[str(runs["tissue"])])
    assert "has in_channels 3, the run that is evaluated has 1; name runs of one task" in done.error
    done = run("siim/evaluate", dataset_dir=twins["siim"], run_dir=runs["siim"], ensemble="runs/none")
    assert "must be a list of run folders" in done.error
