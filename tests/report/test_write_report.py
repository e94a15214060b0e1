from __future__ import annotations

import csv
import random
import re
import time
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from monai_seg.cli import app
from monai_seg.errors import InputError
from monai_seg.report.write_report import write_report

LAYERS = '<img class="layer errors"'


def test_a_page_has_the_scores_the_failures_and_the_pictures(untrained: Path, tmp_path: Path):
    path, lacking = write_report(untrained, tmp_path / "report.html")
    html = path.read_text()
    assert "0.250 – 0.750" in html and "test dice 0.500" in html
    places = [html.index(f'id="{name}"') for name in ("failures", "scores", "cases", "training", "config")]
    assert places == sorted(places)
    assert html.count(LAYERS) > 3
    assert "Learning rate" in html and "Throughput" in html and "Dice of the cases, sorted" in html
    assert any(line.startswith("run_card.json is not there") for line in lacking)


def test_a_picture_of_something_else_than_what_was_scored_says_so(untrained: Path, tmp_path: Path):
    """The scores of this run are made up, so its network draws other areas."""
    path, lacking = write_report(untrained, tmp_path / "report.html")
    assert any("pictures do not show what was scored" in line for line in lacking)
    assert '<span class="warning">another prediction was scored' in path.read_text()


@pytest.mark.parametrize("name", ["config.json", "model.pt", "cases.csv", "summary.csv", "metrics.csv"])
def test_what_is_missing_is_a_line(run_copy: Path, name: str):
    (run_copy / name).unlink()
    path, lacking = write_report(run_copy)
    assert any(name in line for line in lacking)
    assert name in path.read_text()
    assert path == run_copy / "report.html"


def test_weights_of_another_network_are_a_line(run_copy: Path):
    torch.save({"model": {"other": torch.zeros(1)}}, run_copy / "model.pt")
    _, lacking = write_report(run_copy)
    assert any("does not hold the weights of network_def" in line for line in lacking)


def test_a_data_set_that_moved_is_named(run_copy: Path, siim_twin: Path, tmp_path: Path):
    moved = tmp_path / "moved"
    moved.symlink_to(siim_twin)
    config = run_copy / "config.json"
    for file in (config, run_copy / "cases.csv"):
        file.write_text(file.read_text().replace(str(siim_twin), "/gone/siim"))
    path, lacking = write_report(run_copy)
    assert LAYERS not in path.read_text() and any("no data set here" in line for line in lacking)
    path, lacking = write_report(run_copy, dataset_dir=moved)
    assert LAYERS in path.read_text() and not any("no data set here" in line for line in lacking)


def test_without_pictures_nothing_of_the_config_runs(run_copy: Path, tmp_path: Path):
    config = run_copy / "config.json"
    trap = tmp_path / "trap"
    config.write_text(config.read_text().replace('"seed": 0', f'"seed": "$open({str(trap)!r}, \'w\')"'))
    path, _ = write_report(run_copy, pictures=False)
    assert "<img" not in path.read_text() and not trap.exists()


def test_names_from_files_cannot_become_html(run_copy: Path):
    attack = "<script>alert(1)</script>"
    rows = (run_copy / "cases.csv").read_text().splitlines()
    rows.append(f"test,{attack}.png,0,5,0")
    (run_copy / "cases.csv").write_text("\n".join(rows) + "\n")
    html = write_report(run_copy, pictures=False)[0].read_text()
    assert attack not in html and "&lt;script&gt;alert(1)" in html


def test_ten_thousand_cases_stay_small_and_quick(run_copy: Path):
    draw = random.Random(0)
    with open(run_copy / "cases.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for number in range(10_000):
        area = draw.choice((0, draw.randrange(1, 5000)))
        found = draw.choice((0, area, 40))
        dice = draw.random() if area and found else float(area == found)
        rows.append({"split": "test", "image": f"/elsewhere/{number}.png", "dice": f"{dice:.6f}",
                     "label_area_px": str(area), "pred_area_px": str(found)})
    with open(run_copy / "cases.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    began = time.process_time()
    path, _ = write_report(run_copy)
    assert time.process_time() - began < 60
    assert path.stat().st_size < 2_000_000
    assert re.search(r"of 10,\d\d\d <span", path.read_text())


def test_the_command_says_where_the_page_is(untrained: Path, tmp_path: Path):
    result = CliRunner().invoke(app, ["report", str(untrained), "--out", str(tmp_path / "x.html"), "--no-pictures"])
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[-1].startswith(f"report: {tmp_path / 'x.html'}"[:60])


def test_bad_input_is_refused(untrained: Path, tmp_path: Path):
    with pytest.raises(InputError, match="no run here"):
        write_report(tmp_path / "none")
    with pytest.raises(InputError, match="--cases: must be 1 or more"):
        write_report(untrained, cases=0)
    with pytest.raises(InputError, match="cannot be written"):
        write_report(untrained, tmp_path / "none" / "x.html", pictures=False)
