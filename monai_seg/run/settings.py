"""The settings at the top of a config, checked first: a mistyped one would be ignored, or found late."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from monai_seg.errors import InputError
from monai_seg.run.config import TRACKING_IDS, running_config
from monai_seg.run.consistency import check_consistency

NOT_REFERRED_TO = (
    "bundle_root", "initialize", "run", "training", "evaluation", "inference", "finalize",  # MONAI looks these up
    "dropout",  # taken by networks that have it
    *TRACKING_IDS, "is_not_rank0",  # what --tracking adds, and the switch by which its handlers stand aside
)  # fmt: skip


class Rule(NamedTuple):
    """What a setting must be."""

    holds: Callable[[Any], bool]
    wanted: str
    example: str


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= low


def _is_size(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(_is_whole(side, 32) for side in value)


COUNT = Rule(lambda value: _is_whole(value, 1), "a whole number from 1 up", "4")
SHARE = Rule(lambda value: _is_number(value) and 0 <= value <= 1, "a number from 0 to 1", "0.5")
SWITCH = Rule(lambda value: str(value).lower() in ("true", "false"), "true or false", "true")
RULES = {
    **dict.fromkeys(("batch_size", "sw_batch_size", "max_epochs", "val_interval", "patience"), COUNT),
    **dict.fromkeys(("dropout", "threshold", "decide_threshold", "min_area_share", "class_gate"), SHARE),
    **dict.fromkeys(("overlays", "force", "tta"), SWITCH),
    "overwrite": Rule(lambda value: SWITCH.holds(value) or value == "resume", "true, false or resume", "resume"),
    "schedule_minutes": Rule(lambda value: value is None or (_is_number(value) and value > 0),
                             "a number of minutes above 0, or '$None' (null in a file)", "10"),
    **dict.fromkeys(("checkpoint_every_s", "max_time_s"),
                    Rule(lambda value: value is None or (_is_number(value) and value > 0),
                         "a number of seconds above 0, or '$None' (null in a file)", "300")),
    "prior": Rule(lambda value: value is None or (_is_number(value) and 0 < value < 1),
                  "a number between 0 and 1, or '$None' (null in a file)", "0.02"),
    "positive_share": Rule(lambda value: value is None or SHARE.holds(value),
                           "a number from 0 to 1, or '$None' (null in a file)", "0.5"),
    "seed": Rule(lambda value: _is_whole(value, 0), "a whole number from 0 up", "0"),
    "learning_rate": Rule(lambda value: _is_number(value) and value > 0, "a number above 0", "0.001"),
    "image_size": Rule(_is_size, "[height, width] in pixels, whole numbers from 32 up", '"[256,256]"'),
    **dict.fromkeys(("warmup_epochs", "dice_weight"),
                    Rule(lambda value: _is_number(value) and value >= 0, "a number from 0 up", "1")),
    **dict.fromkeys(("freeze", "pretrained"), SWITCH),
    "freeze_encoder": Rule(lambda value: SWITCH.holds(value) or (_is_whole(value, 0) and value <= 5),
                           "true, false or a number of stages from 0 to 5", "true"),
    "encoder_learning_rate": Rule(lambda value: value is None or (_is_number(value) and value > 0),
                                  "a number above 0, or '$None' (null in a file)", "0.0001"),
    **dict.fromkeys(("mask_loss_weight", "class_loss_weight"),
                    Rule(lambda value: _is_number(value) and value >= 0, "a number from 0 up", "0.5")),
    "train_last": Rule(lambda value: _is_whole(value, 0), "a whole number of blocks from 0", "2"),
    "train_fraction": Rule(lambda value: _is_number(value) and 0 < value <= 1, "a number above 0, up to 1", "0.1"),
    "weight_decay": Rule(lambda value: _is_number(value) and value >= 0, "a number from 0 up", "0.000001"),
    "num_workers": Rule(lambda value: value == "auto" or _is_whole(value, 0), "auto or a whole number from 0", "auto"),
}


def check_settings() -> None:
    """Check the settings of the running config: something refers to each, each is what `RULES` say, and they fit.

    MONAI takes ``--max_epoch 5`` without a word and trains on as before. Values that are built or computed are left to
    whatever uses them.

    Raises:
        InputError: one of them is wrong.
    """
    config = running_config()
    used = set(re.findall(r"@(\w+)", json.dumps(config, default=str)))
    settings = [id for id in config if id in used]
    if "tracking_uri" in config and "monai_seg.run.tracking" not in json.dumps(config, default=str):
        raise InputError("tracking", "no handler of this config records anything",
                         "take a config of this version's bundles, or leave --tracking out and look at TensorBoard")
    for id, value in config.items():
        if id not in used and id not in NOT_REFERRED_TO and not id.startswith("_"):
            raise InputError(id, "no such setting in this config", _meant(id, settings))
        if id in RULES and not isinstance(value, dict) and not str(value).startswith(("$", "@")):
            check_setting(id, value)
    check_consistency(config)


def check_setting(id: str, value: Any) -> None:
    """Check one setting by its rule in `RULES`.

    Raises:
        InputError: it does not hold.
    """
    rule = RULES[id]
    if not rule.holds(value):
        raise InputError(id, f"must be {rule.wanted}, got {value!r}", f"give --{id} {rule.example}, say")


def _meant(id: str, settings: list[str]) -> str:
    near = difflib.get_close_matches(id, settings, n=1)
    return f"give --{near[0]}, if that is meant" if near else f"choose one of {', '.join(settings)}"
