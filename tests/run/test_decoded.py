from __future__ import annotations

from typing import Any

from monai_seg.run.decoded import what_counts

CONFIG: dict[str, Any] = {
    "side": 64,
    "depth": 8,
    "learning_rate": 1,
    "load": {"_target_": "Load", "steps": [{"depth": "@depth"}]},
    "fit": {"size": "$[@side, 2 * @side]", "dtype": "$dict([(8, 1)])[@load::steps::0::depth]"},
    "train": {"preprocessing": {"_target_": "Compose", "transforms": ["@load", "@fit"]}, "lr": "@learning_rate"},
}


def test_what_a_transform_is_made_of_counts_however_far_it_refers():
    found = what_counts(CONFIG, "train::preprocessing")
    assert found.keys() == {"train::preprocessing", "load", "fit", "side", "depth", "load::steps::0::depth"}
    for id, other in (("side", 65), ("depth", 16)):
        assert what_counts({**CONFIG, id: other}, "train::preprocessing") != found


def test_nothing_else_counts():
    found = what_counts(CONFIG, "train::preprocessing")
    assert what_counts({**CONFIG, "learning_rate": 2, "new": 1}, "train::preprocessing") == found


def test_a_circle_ends():
    assert what_counts({"a": "@b", "b": "@a"}, "a") == {"a": "@b", "b": "@a"}
