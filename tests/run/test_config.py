from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow

from monai_seg.errors import InputError
from monai_seg.run.config import from_run, read_config, running_config, weights_file

kept: list[dict[str, Any]] = []


def keep() -> None:
    """What a config names to have its own resolved form kept here."""
    kept.append(running_config())


@pytest.fixture
def initialize(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Return a function: config, overrides -> the running config that a component sees during ``initialize``."""

    def run(config: dict[str, Any], **overrides: Any) -> dict[str, Any]:
        monkeypatch.chdir(tmp_path)
        ids = {"initialize": [{"_target_": f"{__name__}.keep"}], "training": ["$None"]}
        (tmp_path / "train.json").write_text(json.dumps({**config, **ids}))
        ConfigWorkflow("train.json", None, logging_file=False, workflow_type="train", **overrides).initialize()
        return {key: value for key, value in kept.pop().items() if key not in ids}

    return run


def run_folder(folder: Path, config: Any) -> Path:
    (folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
    return folder


def test_the_running_config_is_the_workflows_own_before_anything_is_evaluated(
    initialize: Callable[..., dict[str, Any]],
) -> None:
    config = {"seed": 3, "device": "$1 / 0", "image_size": [2, 2], "half": "$@image_size[0] // 2"}
    assert initialize(config) == config


def test_macros_and_overrides_are_in_place(initialize: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "part.json").write_text(json.dumps({"net": {"_target_": "torch.nn.ReLU"}}))
    found = initialize({"seed": 0, "net": "%part.json::net"}, seed=7)
    assert found == {"seed": 7, "net": {"_target_": "torch.nn.ReLU"}}


def test_the_running_config_is_a_copy() -> None:
    class Workflow(ConfigWorkflow):
        properties: Any = None

        def __init__(self) -> None:
            self.parser = ConfigParser({"image_size": [2, 2]})

        def call(self) -> dict[str, Any]:
            return running_config()

    workflow = Workflow()
    workflow.call()["image_size"][0] = 9
    assert workflow.call() == {"image_size": [2, 2]}


def test_there_is_no_running_config_without_a_workflow() -> None:
    with pytest.raises(RuntimeError, match="outside of a MONAI config workflow"):
        running_config()


def test_values_and_components_come_from_the_runs_config(tmp_path: Path) -> None:
    config = {"size": [64, 32], "half": "$@size[0] // 2", "broken": "$1 / 0",
              "net": {"_target_": "torch.nn.Linear", "in_features": "@half", "out_features": 1}}  # fmt: skip
    folder = run_folder(tmp_path, config)
    assert from_run(folder, "size") == [64, 32]
    assert from_run(folder, "half") == 32
    net = from_run(folder, "net")  # what it does not need is not built
    assert isinstance(net, torch.nn.Linear)
    assert net.in_features == 32


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"config\.json: no trained run here; train first .* --run_dir$"):
        from_run(tmp_path / "none", "size")
    with pytest.raises(InputError, match=r"config\.json: has no id 'size'; train anew with this version's train\.json"):
        from_run(run_folder(tmp_path, {"seed": 1}), "size")
    with pytest.raises(InputError, match=r"model\.pt: no weights here; train first"):
        weights_file(tmp_path)


@pytest.mark.parametrize(("content", "cause"), [
    ('{"seed": ', "not a readable JSON file"), ("[1]", "holds a list, not a config"), ("", "not a readable JSON file"),
])  # fmt: skip
def test_a_damaged_config_is_told_in_one_line(tmp_path: Path, content: str, cause: str) -> None:
    with pytest.raises(InputError, match=rf"config\.json: {cause}.*; restore it or train anew") as caught:
        read_config(run_folder(tmp_path, content))
    assert "\n" not in str(caught.value)
    (tmp_path / "config.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not a readable JSON file"):
        read_config(tmp_path)


def test_the_weights_are_model_pt(tmp_path: Path) -> None:
    (tmp_path / "model.pt").touch()
    assert weights_file(tmp_path) == str(tmp_path / "model.pt")


def test_a_component_of_a_run_can_be_built_with_other_values(tmp_path: Path) -> None:
    config = {"weights": "nowhere", "copy": "@weights"}
    folder = run_folder(tmp_path, config)
    assert from_run(folder, "copy", {"weights": "here"}) == "here"
    assert from_run(folder, "copy") == "nowhere"
