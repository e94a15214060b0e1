from __future__ import annotations

import csv
from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.run import crossval


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "b").mkdir()
    for name in ("train.json", "evaluate.json"):
        (tmp_path / "b" / name).write_text("{}")
    return tmp_path / "b"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Commands that leave what an evaluation leaves: in fold k two cases of Dice 0.5 + k / 10."""
    given = []

    def run(run_id: str, config: Path, words: list[str]) -> None:
        given.append((run_id, list(words)))
        options = dict(zip(words[::2], words[1::2], strict=True))
        if run_id == "evaluation":
            folder = Path(options["--run_dir"])
            folder.mkdir(parents=True)
            dice = 0.5 + int(folder.name[-1]) / 10
            (folder / "summary.csv").write_text(
                f"split,score,value\ntest,test_dice,{dice}\ntest,test_hd95,\nvalidation,validation_dice,0.9\n")
            (folder / "cases.csv").write_text(f"split,image,dice\ntest,{folder.name}a,{dice}\nvalidation,x,0.9\n")

    monkeypatch.setattr(crossval, "_run", run)
    return given


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_each_fold_is_trained_once_and_all_are_summed_up(bundle: Path, tmp_path: Path, commands: list):
    words = ["--dataset_dir", "data/x", "--max_epochs", "2"]
    summary = crossval.cross_validate(bundle, tmp_path / "cv", folds=3, overrides=words)
    assert [run_id for run_id, _ in commands] == ["training", "evaluation"] * 3
    assert commands[2][1] == ["--output_dir", str(tmp_path / "cv/fold_1"), "--fold", "1", "--folds", "3",
                              "--resume", "auto", *words]
    assert commands[3][1] == ["--run_dir", str(tmp_path / "cv/fold_1"), "--split", "test", "--dataset_dir", "data/x"]
    dice, hd95 = rows(summary)
    assert float(dice["mean"]) == pytest.approx((0.5 + 0.6 + 0.7) / 3) and float(dice["sd"]) == pytest.approx(0.1)
    assert hd95["folds"] == "0" and hd95["mean"] == ""
    assert [(row["fold"], row["image"]) for row in rows(tmp_path / "cv" / "cases.csv")] == [
        ("0", "fold_0a"), ("1", "fold_1a"), ("2", "fold_2a")]
    crossval.cross_validate(bundle, tmp_path / "cv", folds=3, overrides=words)
    assert len(commands) == 6, "finished folds are not trained again"


def test_one_fold_at_a_time_and_the_last_writes_the_summary(bundle: Path, tmp_path: Path, commands: list):
    assert crossval.cross_validate(bundle, tmp_path / "cv", folds=2, only=1) is None
    assert not (tmp_path / "cv" / "summary.csv").exists()
    assert crossval.cross_validate(bundle, tmp_path / "cv", folds=2, only=0) == tmp_path / "cv" / "summary.csv"


def test_what_cannot_be_done_is_told(bundle: Path, tmp_path: Path, commands: list):
    with pytest.raises(InputError, match="no such file; name the folder of a bundle"):
        crossval.cross_validate(tmp_path / "none", tmp_path / "cv")
    for folds, only in ((1, None), (3, 3), (3, -1)):
        with pytest.raises(InputError, match="folds: fold"):
            crossval.cross_validate(bundle, tmp_path / "cv", folds, only)
    assert commands == []


def test_a_command_that_fails_ends_it(bundle: Path, tmp_path: Path):
    with pytest.raises(InputError, match="training ended with exit code 1; mend what its last line says"):
        crossval.cross_validate(bundle, tmp_path / "cv", folds=2)
