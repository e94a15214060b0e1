from __future__ import annotations

from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.report.run_files import WRITTEN_BY, read_rows, read_run


def test_what_is_there_is_read_and_what_is_not_is_told(untrained: Path):
    run = read_run(untrained)
    assert run.config["image_size"] == [64, 64] and run.epochs["epoch"].tolist() == [1, 2, 3]
    assert run.splits() == ["test"] and run.of_split("summary", "test")[0]["value"] == "0.5"
    absent = {name for name in WRITTEN_BY if not (untrained / name).exists()} - {"class_calibration.csv"}
    assert len(absent) == 6, "a run without classes lacks no calibration of them"
    assert sorted(line.split()[0] for line in run.missing) == sorted(absent)


def test_a_run_with_classes_may_lack_their_calibration(run_copy: Path):
    (run_copy / "cases.csv").write_text("split,image,class,prediction\ntest,a,x,x\n")
    assert "class_calibration.csv is not there" in " ".join(read_run(run_copy).missing)


@pytest.mark.parametrize(("name", "text", "told"), [
    ("config.json", "{", "config.json is not shown: cannot be read"),
    ("config.json", "[1]", "holds a list and no object"),
    ("metrics.csv", "epoch,val_dice\n1,much\n", "'much' where a number belongs"),
    ("cases.csv", "split,image,dice\ntest,a.png\n", "line 2 has 2 cells, the header has 3"),
    ("summary.csv", "", "summary.csv is not shown: cannot be read"),
])
def test_a_spoilt_file_is_a_line(run_copy: Path, name: str, text: str, told: str):
    (run_copy / name).write_text(text)
    assert any(told in line for line in read_run(run_copy).missing)


def test_the_summary_of_a_cross_validation_has_means(run_copy: Path):
    (run_copy / "summary.csv").write_text("score,mean,sd,folds,fold_0,fold_1\ntest_dice,0.5,0.1414,2,0.4,0.6\n"
                                          "test_recall,,,0,,\n")
    dice, recall = read_run(run_copy).of_split("summary", "test")
    assert (dice["score"], dice["value"], dice["count"]) == ("test_dice", "0.5", "2 folds, sd 0.141")
    assert (recall["value"], recall["count"]) == ("", "0 folds")


def test_the_test_split_comes_first(run_copy: Path):
    (run_copy / "cases.csv").write_text("split,image,dice\ntraining,a,1\nvalidation,b,1\n")
    assert read_run(run_copy).splits() == ["test", "validation", "training"]


def test_a_folder_without_a_run_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="no run here"):
        read_run(tmp_path / "none")
    with pytest.raises(InputError, match=r"holds none of config\.json"):
        read_run(tmp_path)


def test_a_table_without_header_is_refused(tmp_path: Path):
    (tmp_path / "empty.csv").touch()
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(tmp_path / "empty.csv")
