from __future__ import annotations

import pytest

from monai_seg.bundle import config_problems

SOUND = {
    "_desc_": "78 % of #1, see /tmp",
    "dir": "$str(@output_dir) + '/tensorboard'",
    "size": "$min(@image_size)",
    "net": {"_target_": "monai.networks.nets.UNet", "in_channels": "$dict(L=1, RGB=3)[@mode]"},
    "loss": {"_target_": "DiceCELoss"},
    "stop": {"_target_": "@early_stop"},
    "dtype": "$torch.uint8",
    "training": ["$@train::trainer.run()"],
    "validate": {"key_metric": {"val_dice": {}}},
}


def test_our_dialect_passes():
    assert config_problems(SOUND) == []


@pytest.mark.parametrize(("value", "problem"), [
    ("$import os", "is a statement"),
    ("$setattr(torch, 'x', 1)", "uses setattr; allowed are"),
    ("$@network.training = False", "is a statement"),
    ("$(x := 1)", "holds an assignment"),
    ("$lambda x: x", "holds a lambda"),
    ("$f'{@dir}/x'", "holds an f-string"),
    ("$[x for x in @list]", "holds a comprehension"),
    ("$1 if @x else 2", "holds an if"),
    ("$torch.__dict__", "uses the private name __dict__"),
    ("$__import__('os')", "uses the private name __import__"),
    ("$@x +", "is no expression"),
    ("$str('/home/me')", "holds the absolute path '/home/me'"),
    ("/home/me/data", "is an absolute path"),
    ("~/data", "is an absolute path"),
    ("C:\\data", "is an absolute path"),
    ("@train#trainer", "holds a #"),
    ("%part.json::id", "is a macro; flatten"),
])
def test_what_is_not_of_the_dialect_is_named_with_its_id(value: str, problem: str):
    problems = config_problems({"outer": [{"inner": value}]})
    assert problems[0].startswith("outer::0::inner: ") and problem in " ".join(problems)


@pytest.mark.parametrize("target", ["monai.networks.nets.NoSuchNet", "no_such_module.Thing", "DiceCELos", "torch.pi"])
def test_a_target_that_cannot_be_built_is_told(target: str):
    assert config_problems({"net": {"_target_": target}}) == [
        f"net::_target_: {target!r} is not found; spell it as MONAI does, or write the full name"]


def test_metrics_are_called_by_split_and_score():
    config = {"validate": {"key_metric": {"dice": {}}, "additional_metrics": {"train_iou": {}, "val_iou": {}}}}
    assert config_problems(config) == [
        "validate::key_metric: the metric is called 'dice'; call it val_<score>",
        "validate::additional_metrics: the metric is called 'train_iou'; call it val_<score>",
    ]
