from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from monai_seg.errors import InputError
from monai_seg.run import operating_point, search_unless_stopped


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps({"threshold": 0.5}))
    return tmp_path


def test_what_was_searched_comes_before_the_config(run_dir: Path):
    assert operating_point(run_dir, "threshold") == 0.5
    (run_dir / "operating_point.json").write_text(json.dumps({"threshold": 0.35}))
    assert operating_point(run_dir, "threshold") == 0.35


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"threshold": "high"}'])
def test_an_operating_point_that_cannot_be_read_is_refused(run_dir: Path, content: str):
    (run_dir / "operating_point.json").write_text(content)
    with pytest.raises(InputError, match="gives no number for 'threshold'"):
        operating_point(run_dir, "threshold")


@pytest.mark.parametrize("state, runs", [({}, 1), ({"stopped_by": None}, 1), ({"stopped_by": "SIGTERM"}, 0),
                                         ({"save_error": OSError()}, 0)])
def test_a_training_that_was_stopped_is_not_searched(state: dict, runs: int):
    done = []
    search_unless_stopped(SimpleNamespace(state=SimpleNamespace(**state)), SimpleNamespace(run=lambda: done.append(1)))
    assert len(done) == runs
