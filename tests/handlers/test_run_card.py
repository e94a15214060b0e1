from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Events

from monai_seg.handlers.run_card import RunCard, weights_hash

RECORD = {"seed": 3, "config_sha256": "c", "list_sha256": "l", "files_sha256": "f", "versions": {"torch": "2"}}


class Made:
    def record(self) -> dict[str, Any]:
        return RECORD

    def differences(self, saved: Any) -> list[str]:
        return []


def card(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "run_card.json").read_text())


def run_with_card(tiny_run: Callable[..., Any], folder: Path, resumed_from: str | None = None) -> Any:
    run, network = tiny_run(2, scores=[0.5, 0.75]), torch.nn.Conv2d(1, 1, 1)
    run.validation.attach(run.trainer)
    run.trainer.add_event_handler(Events.STARTED, lambda engine: setattr(engine.state, "resumed_from", resumed_from))
    RunCard(folder, network, run.evaluator, Made()).attach(run.trainer)
    run.network = network
    return run


def test_a_card_tells_what_was_run_and_what_came_out(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    run = run_with_card(tiny_run, tmp_path)
    torch.save({"model": run.network.state_dict()}, tmp_path / "model.pt")
    run.trainer.run()
    found = card(tmp_path)
    assert found["status"] == "completed"
    assert (found["epochs"], found["steps"], found["best_score"], found["best_epoch"]) == (2, 4, 0.75, 2)
    assert found["scores"] == {"val_dice": 0.75}
    assert {name: found[name] for name in ("seed", "config_sha256", "list_sha256", "files_sha256")} == {
        name: value for name, value in RECORD.items() if name != "versions"}  # fmt: skip
    assert found["best_weights_sha256"] == found["weights_sha256"] == weights_hash(run.network.state_dict())
    assert found["hardware"]["cores"] >= 1
    assert found["versions"]["torch"] == "2"
    assert found["again"].startswith(f"python -m monai.bundle run training --config_file {tmp_path / 'config.json'} ")
    assert found["parent"] is None


def test_a_crash_leaves_the_card_that_says_running(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    run = run_with_card(tiny_run, tmp_path)
    run.trainer.add_event_handler(Events.ITERATION_STARTED, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run.trainer.run()
    assert card(tmp_path)["status"] == "running"


def test_a_resumed_run_names_its_parent(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    run_with_card(tiny_run, tmp_path).trainer.run()
    first = card(tmp_path)
    run_with_card(tiny_run, tmp_path, resumed_from="epoch_0001.pt").trainer.run()
    second = card(tmp_path)
    assert (second["parent"], second["resumed_from"]) == (first["id"], "epoch_0001.pt")
    assert second["id"] != first["id"]


def test_a_hash_sees_each_bit_name_type_and_shape() -> None:
    weights = {"a": torch.arange(6.0).reshape(2, 3), "n": torch.tensor(3)}
    others = [
        {**weights, "a": weights["a"].clone().index_put((torch.tensor(0), torch.tensor(0)), torch.tensor(1e-45))},
        {"b": weights["a"], "n": weights["n"]}, {**weights, "a": weights["a"].reshape(3, 2)},
        {**weights, "n": torch.tensor(3, dtype=torch.int32)},
    ]  # fmt: skip
    hashes = {weights_hash(one) for one in (weights, *others)}
    assert len(hashes) == 5
    assert weights_hash(dict(reversed(weights.items()))) == weights_hash(weights)
    assert weights_hash({"a": torch.zeros(2, dtype=torch.bfloat16)}) != weights_hash({"a": torch.zeros(2)})
