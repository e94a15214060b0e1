from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monai_seg.cli import app
from monai_seg.errors import InputError
from monai_seg.report.compare_page import short_names
from monai_seg.report.compare_runs import compare_runs


def rows_of(run: Path) -> list[dict[str, str]]:
    with open(run / "cases.csv", newline="") as file:
        return list(csv.DictReader(file))


def rewrite(run: Path, rows: list[dict[str, str]]) -> None:
    with open(run / "cases.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def worse(untrained: Path, tmp_path: Path) -> Path:
    """The same run, with 0.2 less Dice in the first case that has any."""
    run = shutil.copytree(untrained, tmp_path / "worse")
    rows = rows_of(run)
    first = next(row for row in rows if float(row["dice"]) > 0)
    first["dice"] = str(float(first["dice"]) - 0.2)
    rewrite(run, rows)
    return run


def test_the_difference_is_that_of_the_cases(untrained: Path, worse: Path):
    compared = compare_runs([untrained, worse])
    (found,) = compared.found
    count = len(rows_of(untrained))
    assert found.difference == pytest.approx(-0.2 / count)
    assert (found.wins, found.losses, found.ties) == (0, 1, count - 1)
    assert not any("patients are not known" in note for note in compared.common.notes)


def test_cases_are_found_by_their_place_in_the_data_set(untrained: Path, worse: Path, siim_twin: Path):
    rows = rows_of(worse)
    for row in rows:
        row["image"] = row["image"].replace(str(siim_twin), "/moved/siim")
    rewrite(worse, rows)
    config = worse / "config.json"
    config.write_text(config.read_text().replace(str(siim_twin), "/moved/siim"))
    assert len(compare_runs([untrained, worse]).common.keys) == len(rows)


@pytest.mark.parametrize("first", [False, True])
def test_an_evaluation_elsewhere_has_no_config_and_the_other_run_s_data_set(untrained: Path, worse: Path, first: bool):
    """As ``--output_dir`` of an evaluation leaves it."""
    (worse / "config.json").unlink()
    common = compare_runs([worse, untrained] if first else [untrained, worse]).common
    assert len(common.keys) == len(rows_of(untrained))
    assert not any("patients are not known" in note for note in common.notes)


def test_cases_of_one_run_alone_are_left_out_with_a_line(untrained: Path, worse: Path):
    rewrite(worse, rows_of(worse)[1:])
    common = compare_runs([untrained, worse]).common
    assert len(common.keys) == len(rows_of(untrained)) - 1
    assert any("1 cases are left out, the others lack them" in note for note in common.notes)


def test_undefined_scores_are_left_out_with_a_line(untrained: Path, worse: Path):
    rows = rows_of(worse)
    rows[0]["dice"] = ""
    rewrite(worse, rows)
    assert any("1 common cases are left out" in note for note in compare_runs([untrained, worse]).common.notes)


def change(worse: Path, **cells: str) -> None:
    rewrite(worse, [{**row, **{name: cell.format(**row) for name, cell in cells.items()}} for row in rows_of(worse)])


@pytest.mark.parametrize(("cells", "told"), [
    ({"image": "/elsewhere/x.png"}, "have no case of the split test in common"),
    ({"split": "validation"}, "have no split in common; evaluate both on the same split"),
    ({"label_area_px": "7{label_area_px}"}, "common cases have another truth"),
    ({"dice": ""}, "have no case in common for which dice is defined"),
])
def test_what_cannot_be_compared_is_refused_in_one_line(untrained: Path, worse: Path, cells: dict[str, str], told: str):
    change(worse, **cells)
    with pytest.raises(InputError, match=told):
        compare_runs([untrained, worse])


def test_wrong_questions_are_refused(untrained: Path, worse: Path, tmp_path: Path):
    with pytest.raises(InputError, match="needs two runs or more"):
        compare_runs([untrained])
    with pytest.raises(InputError, match="the same run twice"):
        compare_runs([untrained, untrained])
    with pytest.raises(InputError, match="has no score 'iuo'; give --score with one of dice"):
        compare_runs([untrained, worse], score="iuo")
    with pytest.raises(InputError, match="no split 'training' in common; give --split test"):
        compare_runs([untrained, worse], split="training")
    (worse / "cases.csv").unlink()
    with pytest.raises(InputError, match="has no scored cases; evaluate the run first"):
        compare_runs([untrained, worse])


@pytest.mark.parametrize(("limit", "code"), [("0", 1), ("0.5", 0), (None, 0)])
def test_the_gate_is_the_exit_code(untrained: Path, worse: Path, tmp_path: Path, limit: str | None, code: int):
    options = ["--no-pictures", "--out", str(tmp_path / "page.html"), *(["--fail-if-worse", limit] if limit else [])]
    result = CliRunner().invoke(app, ["compare", str(untrained), str(worse), *options])
    assert result.exit_code == code, result.output
    assert ("worse: worse by" in result.output) == (code == 1)
    assert "comparison: " in result.output and (tmp_path / "page.html").exists()


def test_a_better_run_passes_the_gate(untrained: Path, worse: Path, tmp_path: Path):
    result = CliRunner().invoke(app, ["compare", str(worse), str(untrained), "--no-pictures", "--fail-if-worse", "0",
                                      "--out", str(tmp_path / "page.html")])
    assert result.exit_code == 0, result.output


def test_changed_cases_stand_side_by_side(untrained: Path, worse: Path, tmp_path: Path):
    page = tmp_path / "page.html"
    result = CliRunner().invoke(app, ["compare", str(untrained), str(worse), "--out", str(page)])
    assert result.exit_code == 0, result.output
    html = page.read_text()
    assert html.count('<div class="pair">') == 1
    assert html.count('<img class="base"') == 2
    assert "worse by 0.200" in html


def test_runs_of_one_name_are_told_apart():
    assert short_names([Path("/a/siim"), Path("/b/siim")]) == ["a/siim", "b/siim"]
    assert short_names([Path("/a/one"), Path("/b/two")]) == ["one", "two"]
