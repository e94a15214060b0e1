from __future__ import annotations

from typing import Any

import pytest

from monai_seg.errors import InputError
from monai_seg.run import check_settings, settings
from monai_seg.run.settings import RULES, check_setting

GOOD: dict[str, list[Any]] = {
    "batch_size": [1, 64],
    "threshold": [0, 1, 0.5],
    "overlays": [True, "false"],
    "prior": [None, 0.02],
    "positive_share": [None, 0, 1],
    "seed": [0, 7],
    "learning_rate": [1e-4, 1],
    "image_size": [[32, 32], [100, 76]],
    "num_workers": ["auto", 0, 4],
    "freeze_encoder": [True, "false", 0, 5],
    "encoder_learning_rate": [None, 1e-4],
    "class_loss_weight": [0, 0.5],
}
BAD: dict[str, list[Any]] = {
    "batch_size": [0, -1, 2.0, "4", True, None],
    "threshold": [-0.1, 1.1, "0.5", True, float("nan")],
    "overlays": ["yes", 1, None],
    "prior": [0, 1, 2, "null"],
    "positive_share": [-0.1, 1.1, "null"],
    "seed": [-1, "a", 0.5],
    "learning_rate": [0, -1, "fast"],
    "image_size": [64, [64], [64, 64, 64], [31, 64], [64.0, 64], "64"],
    "num_workers": [-1, "many", 0.5],
    "freeze_encoder": ["yes", 6, -1, 1.5],
    "encoder_learning_rate": [0, -1, "null"],
    "class_loss_weight": [-1, "half"],
}


@pytest.mark.parametrize("id", GOOD)
def test_what_holds_passes_and_what_does_not_is_told_with_an_example(id: str):
    for value in GOOD[id]:
        check_setting(id, value)
    for value in BAD[id]:
        with pytest.raises(InputError, match=rf"^{id}: must be .*, got .*; give --{id} .*, say$"):
            check_setting(id, value)


def run_with(monkeypatch: pytest.MonkeyPatch, **config: Any) -> None:
    monkeypatch.setattr(settings, "running_config", lambda: {"run": ["$@trainer.run()"], **config})
    check_settings()


def test_an_id_that_nothing_refers_to_is_refused_with_what_may_be_meant(monkeypatch: pytest.MonkeyPatch):
    trainer = {"epochs": "@max_epochs", "rate": "$2 * @rate"}
    run_with(monkeypatch, max_epochs=3, rate=1, trainer=trainer, bundle_root=".", _desc_="text")
    with pytest.raises(InputError, match="max_epoch: no such setting in this config; give --max_epochs, if"):
        run_with(monkeypatch, max_epochs=3, rate=1, trainer=trainer, max_epoch=5)
    with pytest.raises(InputError, match=r"zzz: no such setting .*; choose one of max_epochs, rate, trainer"):
        run_with(monkeypatch, max_epochs=3, rate=1, trainer=trainer, zzz=5)


def test_values_that_are_built_are_left_to_their_users(monkeypatch: pytest.MonkeyPatch):
    assert "seed" in RULES
    for seed in ("$6 + 1", "@other", {"_target_": "random.randint", "a": 0, "b": 9}):
        run_with(monkeypatch, seed=seed, other=3, trainer={"seed": "@seed", "other": "@other"})
    with pytest.raises(InputError, match="seed: must be"):
        run_with(monkeypatch, seed="six", trainer={"seed": "@seed"})


def test_a_tracker_that_would_log_nothing_is_refused(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(InputError, match="tracking: no handler of this config records anything; take a config of"):
        run_with(monkeypatch, tracking_uri="sqlite:///x.db", experiment_name="monai_experiment", run_name=None)
