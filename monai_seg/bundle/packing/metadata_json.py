"""configs/metadata.json of a packed bundle: the bundle's, with the scores, versions and classes of the run."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from monai_seg.bundle.metadata import metadata_problems
from monai_seg.bundle.packing.trained_run import TrainedRun
from monai_seg.errors import InputError

SPLITS = ("test", "validation", "training")
VERSIONS = {"monai_version": "monai", "pytorch_version": "torch", "numpy_version": "numpy"}


def summary_rows(run: TrainedRun) -> list[dict[str, str]]:
    """Return the rows of the run's summary.csv: split, score, value, low, high, count, undefined."""
    path = run.path / "summary.csv"
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def packed_metadata(source: Path, run: TrainedRun) -> dict[str, Any]:
    """Return the metadata to pack.

    Args:
        source: the bundle's metadata.json.
        run: its scores of the best split there is, versions and class names are told.

    Raises:
        InputError: the metadata are not sound, or tell of other channels than the run has.
    """
    try:
        metadata = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(source, f"cannot be read ({error})", "write it as docs/sharing.md says") from error
    scores = _scores(summary_rows(run)) or {name: score for name, score in run.card.get("scores", {}).items()
                                            if isinstance(score, int | float)}
    if scores:
        metadata["eval_metrics"] = scores
    versions = run.card.get("versions", {})
    for key, package in VERSIONS.items():
        if package in versions:
            metadata[key] = str(versions[package]).partition("+")[0]
    _tell_channels(metadata, source, run)
    problems = metadata_problems(metadata)
    if problems:
        raise InputError(source, problems[0], "mend it, or evaluate the run so that there are scores")
    return metadata


def _scores(rows: list[dict[str, str]]) -> dict[str, float]:
    for split in SPLITS:
        found = {row["score"]: float(row["value"]) for row in rows if row["split"] == split and row["value"]}
        if found:
            return found
    return {}


def _tell_channels(metadata: dict[str, Any], source: Path, run: TrainedRun) -> None:
    """Put class names where applications look for them: MONAI Label takes its labels from ``channel_def``."""
    network = metadata.get("network_data_format", {})
    names = run.value("class_names")
    for side, key, channels in (("inputs", "image", run.value("in_channels")),
                                ("outputs", "pred", run.value("out_channels"))):
        tensor = network.get(side, {}).get(key, {})
        if tensor.get("num_channels") != channels:
            raise InputError(source, f"tells of {tensor.get('num_channels')} channels of {key}, the run has {channels}",
                             "describe what the run was trained on")
        if key == "pred":
            tensor["channel_def"] = {str(i): name for i, name in enumerate(names[1:] if channels == 1 else names)}
    if "image_classes" in run.config:
        _tell_image_classes(metadata, run.value("image_classes"))


def _tell_image_classes(metadata: dict[str, Any], names: list[str]) -> None:
    """The class branch's logits (B, K), told as an image of one pixel: the metadata know no other form."""
    metadata["task"] += f", and the class of the whole picture: {', '.join(names)}"
    metadata["pred_classes"] += "; and a logit for each class of the picture"
    metadata["network_data_format"]["outputs"]["class_pred"] = {
        "type": "probabilities", "format": "classes", "modality": "n/a", "num_channels": len(names),
        "spatial_shape": [1, 1], "dtype": "float32", "value_range": [], "is_patch_data": False,
        "channel_def": {str(i): name for i, name in enumerate(names)},
    }  # fmt: skip
