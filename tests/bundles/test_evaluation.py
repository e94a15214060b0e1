"""The evaluation command."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from commands import BUNDLES, Command


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


def test_the_run_s_own_settings_are_evaluated(run: Command, twins: dict[str, Path], trained: Path):
    """A threshold of 1 that was trained with holds without being named again: nothing is drawn, so nothing overlaps."""
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
