from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from monai.bundle import ConfigParser

from monai_seg.bundle.flatten import flatten
from monai_seg.errors import InputError
from monai_seg.run.settings import NOT_REFERRED_TO
from monai_seg.tune.space import chosen, label_of, read_space, space_of
from monai_seg.tune.training import time_overlay

ROOT = Path(__file__).parents[2]
BUNDLES = sorted(path.parent.name for path in ROOT.glob("bundles/*/train.json") if path.parent.name != "engines")


@pytest.fixture(autouse=True)
def from_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("bundle", BUNDLES)
def test_each_bundle_has_a_space_whose_values_arrive_in_its_config(bundle: str, tmp_path: Path):
    train = Path(f"bundles/{bundle}/train.json")
    space = read_space(space_of(train.parent), train)
    for place in (0, -1):
        values = {id: one["choices"][place] if "choices" in one else one["low"] for id, one in space.items()}
        overlay = tmp_path / "overlay.json"
        overlay.write_text(json.dumps(chosen(space, {id: label_of(value) for id, value in values.items()})))
        parser = ConfigParser(ConfigParser.load_config_files([str(train), str(overlay)]))
        assert {id: parser[id] for id in values} == values
        parser.resolve_macro_and_relative_ids()
        assert isinstance(parser["network_def"], dict)


def test_a_bundle_without_a_space_of_its_own_has_that_for_any():
    assert space_of(Path("bundles/mine")) == Path("bundles/tune/default.json")
    for bundle in BUNDLES:
        read_space(Path("bundles/tune/default.json"), Path(f"bundles/{bundle}/train.json"))


@pytest.mark.parametrize("bundle", BUNDLES)
def test_the_time_of_a_trial_leaves_no_setting_unused(bundle: str):
    config = flatten(f"bundles/{bundle}/train.json")
    config |= time_overlay(config, 1.5)
    used = set(re.findall(r"@(\w+)", json.dumps(config, default=str)))
    assert {id for id in config if id not in used | set(NOT_REFERRED_TO) and not id.startswith("_")} == set()
    assert config["early_stop"]["minutes"] == 1.5


def test_a_planned_bundle_has_its_own_minutes():
    assert time_overlay({"schedule_minutes": 10}, 1.5) == {"schedule_minutes": 1.5}


@pytest.mark.parametrize(("space", "line"), [
    ({}, "is no search space"),
    ([1], "is no search space"),
    ({"learning_rat": {"choices": [1]}}, "learning_rat is no id of the config"),
    ({"loss::los::x": {"choices": [1]}}, "loss::los::x is no id of the config"),
    ({"network_def::channels": {"choices": [1]}}, "network_def::channels lies in the fragment bundles/networks/unet"),
    ({"learning_rate": 0.1}, "learning_rate is neither choices nor a range"),
    ({"learning_rate": {"low": 0.1}}, "learning_rate is neither choices nor a range"),
    ({"learning_rate": {"low": 0.1, "hihg": 1}}, "learning_rate is neither choices nor a range"),
    ({"learning_rate": {"choices": []}}, "learning_rate is neither choices nor a range"),
    ({"learning_rate": {"low": 0.1, "high": 0.01}}, r"learning_rate is a range from 0\.1 to 0\.01"),
    ({"learning_rate": {"low": 0, "high": 1, "log": True}}, "learning_rate is a range from 0 to 1"),
    ({"learning_rate": {"low": -1.0, "high": 0.01}}, r"learning_rate must be a number above 0, got -1\.0"),
    ({"batch_size": {"choices": [4, 0]}}, "batch_size must be a whole number from 1 up, got 0"),
])  # fmt: skip
def test_a_wrong_space_is_told_in_a_line(space: Any, line: str, tmp_path: Path):
    path = tmp_path / "space.json"
    path.write_text(json.dumps(space))
    with pytest.raises(InputError, match=rf"{path}: {line}"):
        read_space(path, Path("bundles/siim/train.json"))


def test_a_space_that_is_not_there_or_no_json_is_told(tmp_path: Path):
    with pytest.raises(InputError, match=r"cannot be read .*; name a search space with --space"):
        read_space(tmp_path / "none.json", Path("bundles/siim/train.json"))
    (tmp_path / "half.json").write_text("{")
    with pytest.raises(InputError, match="is no JSON"):
        read_space(tmp_path / "half.json", Path("bundles/siim/train.json"))
