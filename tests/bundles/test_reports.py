"""Reports of real runs: the pictures are made again from what the run left, and are those that were scored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commands import BUNDLES, Command


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_pictures_of_a_run_show_what_was_scored(bundle: str, run: Command, run_module: Command,
                                                    twins: dict[str, Path], runs: dict[str, Path], tmp_path: Path):
    folder = shutil.copytree(runs[bundle], tmp_path / "run", symlinks=True)
    done = run(f"{bundle}/evaluate", dataset_dir=twins[bundle], run_dir=folder)
    assert done.code == 0, done
    done = run_module("monai_seg", "report", str(folder))
    assert done.code == 0, done
    html = (folder / "report.html").read_text()
    assert html.count('<img class="layer errors"') > 0
    assert "do not show what was scored" not in done.stdout + html
    assert "no picture" not in done.stdout + html
