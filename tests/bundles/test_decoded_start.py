"""Decoded cases that an earlier training left on disk change nothing but the time of the next one's start."""

from __future__ import annotations

import json
from pathlib import Path

from commands import SMALL, Command


def test_weights_are_the_same_with_and_without_the_cache(run: Command, twins: dict[str, Path], tmp_path: Path):
    weights = {}
    for name, cache_dir in (("without", "$None"), ("first", "auto"), ("second", "auto")):
        out = tmp_path / name / "run"
        done = run("siim/train", dataset_dir=twins["siim"], output_dir=out,
                   **{**SMALL, "max_epochs": "1", "cache_dir": tmp_path / "kept" if name != "without" else cache_dir})
        assert done.code == 0, done
        card = json.loads((out / "run_card.json").read_text())
        weights[name] = card["weights_sha256"]
        kept = {path.name: path.stat().st_ino for path in (tmp_path / "kept").rglob("*.case")}
        assert bool(kept) == (name != "without")
        if name == "first":
            made = kept
    assert kept == made, "the second start wrote nothing anew"
    assert len(set(weights.values())) == 1


def test_it_is_kept_beside_the_run_folder(run: Command, twins: dict[str, Path], tmp_path: Path):
    done = run("siim/train", dataset_dir=twins["siim"], output_dir=tmp_path / "run", **{**SMALL, "max_epochs": "1"})
    assert done.code == 0, done
    assert list((tmp_path / ".decoded").rglob("*.case"))


def test_a_budget_that_is_none_is_refused(run: Command, twins: dict[str, Path], tmp_path: Path):
    done = run("siim/train", dataset_dir=twins["siim"], output_dir=tmp_path / "run", cache_disk_mb=-1, **SMALL)
    assert done.error.startswith("error: cache_disk_mb: -1 is no amount of disk")
    assert not (tmp_path / "run").exists()
