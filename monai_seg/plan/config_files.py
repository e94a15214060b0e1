"""The files of a planned bundle, in the form of those that stand in the repository."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from monai_seg.errors import InputError
from monai_seg.plan.choices import Choice
from monai_seg.plan.fingerprint import Fingerprint
from monai_seg.plan.narrow_json import paragraph
from monai_seg.run.settings import NOT_REFERRED_TO

FORM_OF_ONE, FORM_OF_SEVERAL = Path("bundles/isic"), Path("bundles/tissue")
AUGMENT = Path("transforms/augment.json")
FLIPS = {"xray": [[-1]], "free": [[-1], [-2], [-1, -2]]}
SCHEMA = "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20240725.json"
Config = dict[str, Any]


def form_of(is_binary: bool) -> Path:
    """Return the bundle whose files are the form.

    Raises:
        InputError: this is no repository root.
    """
    form = FORM_OF_ONE if is_binary else FORM_OF_SEVERAL
    for path in (form / "train.json", AUGMENT, Path("bundles/engines/train.json")):
        if not path.is_file():
            raise InputError(path, "is not here, so the bundle would find none of its fragments",
                             "run from the root of the monai_seg repository")
    return form


def train_config(
    name: str, dataset_dir: str, choices: Sequence[Choice], class_names: Sequence[str], minutes: float,
    is_binary: bool, task: str,
) -> Config:
    """Return train.json: the form's, with every choice in its place."""
    config = read(form_of(is_binary) / "train.json")
    value = {choice.id: choice.value for choice in choices}
    new: Config = {
        "_desc_": [*_lines(paragraph(task)),
                   f"python -m monai.bundle run training --config_file bundles/{name}/train.json"],
        **_places(name, dataset_dir), "output_dir": f"runs/{name}",
        **{key: value[key] for key in ("image_size", "fit", "image_mode", "mask_encoding", "mask_resize", "batch_size",
                                       "learning_rate", "decide_threshold", "min_area_share", "prior",
                                       "positive_share", "augment", "network_def")},
        **{key: value[key] for key in ("load_image", "intensity") if key in value},
        "class_names": list(class_names), "out_channels": 1 if is_binary else len(class_names),
        "max_epochs": 10000, "val_interval": value.get("val_interval", 1),
        "augmentations": _augmentations(value["augmentations"], value.get("mirrored", True)),
        "loss": value["loss"],
        "lr_scheduler": {
            "_target_": "torch.optim.lr_scheduler.ConstantLR",
            "_desc_": "Leaves the rate to early_stop, which anneals it step by step.",
            "optimizer": "@optimizer", "factor": 1.0,
        },
        "early_stop": {
            "_target_": "monai_seg.handlers.Annealing",
            "_desc_": "Instead of patience: the minutes are used up, the rate is annealed to their end.",
            "optimizer": "@optimizer", "evaluator": "@validate::evaluator", "output_dir": "@output_dir",
            "max_epochs": "@max_epochs", "minutes": "@schedule_minutes", "replay": "@schedule_steps",
        },
    }
    config = {**config, **new, "cases": _with_hint(config["cases"])}
    config = _placed_after(config, "max_epochs", {"schedule_minutes": minutes, "schedule_steps": None})
    return without_unused(config)


def evaluate_config(name: str, dataset_dir: str, choices: Sequence[Choice], is_binary: bool) -> Config:
    """Return evaluate.json."""
    config = read(form_of(is_binary) / "evaluate.json")
    config |= {"_desc_": [config["_desc_"][0],
                          f"python -m monai.bundle run evaluation --config_file bundles/{name}/evaluate.json"],
               **_places(name, dataset_dir), "run_dir": f"runs/{name}", "flips": _flips(choices),
               "cases": _with_hint(config["cases"])}
    return config


def inference_config(
    name: str, images_dir: str, choices: Sequence[Choice], is_binary: bool, encoding: Mapping[str, Any]
) -> Config:
    """Return inference.json; masks are written as one file each, in an encoding that reads back."""
    config = read(form_of(is_binary) / "inference.json")
    config |= {"_desc_": [config["_desc_"][0], "python -m monai.bundle run inference --config_file "
                          f"bundles/{name}/inference.json --dataset_dir <folder>"],
               **_places(name, images_dir), "run_dir": f"runs/{name}", "flips": _flips(choices),
               "mask_encoding": written_encoding(encoding, is_binary)}
    return config


def written_encoding(encoding: Mapping[str, Any], is_binary: bool) -> dict[str, Any]:
    """Return how predictions are stored: as the truths where those are one lossless file, else as grey levels."""
    if is_binary:
        return {"kind": "binary"}
    if encoding["kind"] in ("index", "palette", "colours"):
        return dict(encoding)
    classes = int(encoding["classes"])
    values = {str(round(255 * class_id / (classes - 1))): class_id for class_id in range(classes)}
    return {"kind": "index", "classes": classes, "values": values}


def metadata(name: str, fingerprint: Fingerprint, choices: Sequence[Choice], class_names: Sequence[str],
             task: str) -> Config:
    """Return metadata.json; the one score it can have before a training is what a network must beat."""
    value = {choice.id: choice.value for choice in choices}
    colours = {"L": ["grey"], "RGB": ["red", "green", "blue"]}[value["image_mode"]]
    outputs = [f"logit of {class_name}" for class_name in (class_names[1:] if fingerprint.is_binary else class_names)]
    tensor = {"type": "image", "dtype": "float32", "is_patch_data": value["fit"] == "native"}
    shape = ["32*n", "32*n"]
    return {
        "schema": SCHEMA, "version": "0.1.0", "changelog": {"0.1.0": "planned from the data set, not trained yet"},
        "monai_version": _plain_version("monai"), "pytorch_version": _plain_version("torch"),
        "numpy_version": _plain_version("numpy"),
        "required_packages_version": {package: _plain_version(package) for package in
                                      ("pytorch-ignite", "pillow", "tensorboard")},
        "task": task, "description": f"{task}. Planned by monai_seg from {fingerprint.report.summary.cases} cases.",
        "authors": "to be named", "copyright": "to be named", "data_source": f"data set {name}, see the README",
        "data_type": "png", "image_classes": f"{'colour' if len(colours) == 3 else 'grey'} picture, scaled to [0, 1]",
        "label_classes": ", ".join(f"{class_id} is {class_name}" for class_id, class_name in enumerate(class_names)),
        "pred_classes": f"{len(outputs)} channels of logits, {'sigmoid' if fingerprint.is_binary else 'softmax'}",
        "eval_metrics": {"all_foreground_dice": round(fingerprint.all_foreground_dice, 4)},
        "intended_use": "Research and teaching. Not a medical device, not for diagnosis.",
        "references": ["Ronneberger et al. 2015, U-Net, https://arxiv.org/abs/1505.04597"],
        "network_data_format": {
            "inputs": {"image": {**tensor, "format": "magnitude", "modality": "n/a", "num_channels": len(colours),
                                 "spatial_shape": shape, "value_range": [0, 1],
                                 "channel_def": {str(i): colour for i, colour in enumerate(colours)}}},
            "outputs": {"pred": {**tensor, "format": "classes", "modality": "n/a", "num_channels": len(outputs),
                                 "spatial_shape": shape, "value_range": [],
                                 "channel_def": {str(i): text for i, text in enumerate(outputs)}}},
        },
    }


def without_unused(config: Config) -> Config:
    """Return ``config`` without ids that nothing refers to: left over from the form, they would be refused."""
    while True:
        used = set(re.findall(r"@(\w+)", json.dumps(_with_fragments(config))))
        kept = {key: value for key, value in config.items()
                if key in used or key in NOT_REFERRED_TO or key.startswith("_")}
        if len(kept) == len(config):
            return config
        config = kept


def read(path: Path) -> Config:
    """Return the JSON object in ``path``."""
    return json.loads(path.read_text(encoding="utf-8"))


def _with_fragments(value: Any) -> Any:
    """Return ``value`` with each ``%`` replaced by what it names, so that the references in it can be seen."""
    if isinstance(value, dict):
        return {key: _with_fragments(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_fragments(part) for part in value]
    if isinstance(value, str) and value.startswith("%"):
        path, _, id = value[1:].partition("::")
        content: Any = read(Path(path))
        for key in filter(None, id.split("::")):
            content = content[key]
        return content
    return value


def _augmentations(kind: str, is_mirrored: bool) -> Any:
    if is_mirrored:
        return f"%{AUGMENT}::{kind}"
    fragment = read(AUGMENT)[kind]
    for strength in fragment.values():
        if isinstance(strength, dict):
            strength["transforms"] = [step for step in strength["transforms"] if "Flip" not in step["_target_"]]
    return {**fragment, "_desc_": f"{kind} without mirroring: classes tell left from right."}


def _flips(choices: Sequence[Choice]) -> list[list[int]]:
    value = {choice.id: choice.value for choice in choices}
    return FLIPS[value["augmentations"]] if value.get("mirrored", True) else []


def _places(name: str, dataset_dir: str) -> Config:
    return {"bundle_root": f"bundles/{name}", "dataset_dir": dataset_dir}


def _with_hint(cases: Config) -> Config:
    return {**cases, "hint": ["point --dataset_dir at the data set that this bundle was planned for,",
                              "or plan another (python -m monai_seg new --help)"]}


def _placed_after(config: Config, key: str, new: Config) -> Config:
    placed: Config = {}
    for name, value in config.items():
        placed[name] = value
        if name == key:
            placed |= new
    return placed


def _lines(text: str | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else text


def _plain_version(package: str) -> str:
    return version(package).split("+")[0]
