"""The three configs of a packed bundle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monai_seg.bundle.packing.plain import NeedsOurCode, as_plain
from monai_seg.bundle.packing.trained_run import TrainedRun
from monai_seg.bundle.packing.written_out import WEIGHTS, written_out

RUN_IDS = {"train": "training", "evaluate": "evaluation", "inference": "inference"}
COMMANDS = {
    "train": ["Trains on from this bundle's weights; give --weights '$None' to begin anew.", "--dataset_dir <data>"],
    "evaluate": ["Scores of this bundle on a data list (MONAI's datalist.json), at the images' own size.",
                 "--dataset_dir <data>"],
    "inference": ["Masks for the pictures in a folder, at each picture's own size.",
                  "--dataset_dir <pictures> --output_dir <masks>"],
}  # fmt: skip
FOLDERS = {"evaluate": "eval", "inference": "predictions"}


def scoring_config(
    name: str, config: Mapping[str, Any], run: TrainedRun, divisor: int | None
) -> tuple[dict[str, Any], str]:
    """Return evaluate.json or inference.json, and why it needs our code; that is empty where it does not.

    Args:
        name: "evaluate" or "inference".
        config: the bundle's, flattened.
        run: whose values are written into it.
        divisor: see `as_plain`.
    """
    alone = written_out(config, run, FOLDERS[name])
    try:
        packed, reason = as_plain(alone, divisor), ""
    except NeedsOurCode as error:
        packed, reason = _code_at_run(alone, name), str(error)
    return _described(_used(packed, RUN_IDS[name]), name), reason


def train_config(run: TrainedRun, name: str) -> dict[str, Any]:
    """Return train.json: the run's own config, to be gone on with from the packed weights on other data.

    Args:
        run: whose config it is.
        name: the bundle's.
    """
    config = {**run.config, "bundle_root": ".", "dataset_dir": "data", "output_dir": f"runs/{name}",
              "weights": WEIGHTS, "resume": False, "force": False}
    if "encoder_weights" in config:
        config["encoder_weights"] = None  # a file of the author's machine; what came of it is in the packed weights
    start = {
        "_target_": "CheckpointLoader",
        "_desc_": "Before Checkpoints, so that a resume goes on with its own weights.",
        "_disabled_": "$@weights is None",
        "load_path": "@weights",
        "load_dict": {"model": "@network_def"},
        "map_location": "cpu",
    }
    config["train"] = {**config["train"], "handlers": [start, *config["train"]["handlers"]]}
    return _described(_code_at_run(config, "train"), "train")


def _code_at_run(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """What is initialised is put at the start of the run: before it, MONAI does not find the code in the bundle."""
    first = config.get("initialize", [])
    config = {id: value for id, value in config.items() if id != "initialize"}
    return {**config, **{id: [*first, *config[id]] for id in (RUN_IDS[name], "run")}}


def _used(config: Mapping[str, Any], run_id: str) -> dict[str, Any]:
    """Leave out what neither the run nor MONAI's applications ask for, once what referred to it is gone."""
    asked = {"_desc_", "bundle_root", "device", "dataset_dir", "dataset", "evaluator", "network_def", "inferer", "run",
             "preprocessing", "postprocessing", "key_metric", "handlers", run_id}
    found: set[str] = set()
    while asked - found:
        found |= asked
        asked = {id for known in found & config.keys() for id in _references(config[known])}
    return {id: value for id, value in config.items() if id in found}


def _references(value: Any) -> set[str]:
    from monai_seg.bundle.expression import REFERENCE
    from monai_seg.bundle.walk import walk

    texts = [text for where, text in [("", value), *walk(value)] if isinstance(text, str) and "_desc_" not in where]
    return {match.group()[1:].split("::")[0] for text in texts for match in REFERENCE.finditer(text)}


def _described(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    what, options = COMMANDS[name]
    command = (f"python -P -m monai.bundle run {RUN_IDS[name]} --config_file <bundle>/configs/{name}.json "
               f"--bundle_root <bundle> {options}")
    return {**config, "_desc_": [what, command]}
