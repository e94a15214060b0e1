"""The forms of a network in a bundle besides its weights."""

from __future__ import annotations

import io
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from monai_seg.bundle.packing.onnx_model import LevelsToProbabilities, onnx_bytes
from monai_seg.bundle.packing.trained_run import TrainedRun
from monai_seg.errors import InputError
from monai_seg.metrics.class_names import class_suffixes

FORMAT, GATED = 1, 2  # what knows the first alone would leave the gate away


def model_facts(
    name: str, run: TrainedRun, mask_encoding: Mapping[str, Any], point: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what whoever predicts by model.onnx alone must know."""
    facts = {"format": FORMAT, "name": name, "image_size": run.value("image_size"),
             "fit": run.config.get("fit", "whole"), "image_mode": run.value("image_mode"),
             "classes": run.value("class_names"), "mask_encoding": mask_encoding, **point}
    if "image_classes" not in run.config:
        return facts
    names = run.value("image_classes")
    facts.update(image_classes=names, class_columns=class_suffixes(len(names), names, "image_classes"))
    return {**facts, "format": GATED, "gate_classes": run.value("gate_classes")} if "class_gate" in point else facts


def model_files(
    network: nn.Module, divisor: int, run: TrainedRun, facts: Mapping[str, Any], onnx: bool, torchscript: bool,
    exported_program: bool, configs: Mapping[str, bytes],
) -> dict[str, bytes | Path]:
    """Return the asked for of model.onnx, model.ts and model.pt2, by path.

    ``model.ts`` and ``model.pt2`` hold the network alone, from scaled images to logits, as MONAI's applications expect;
    ``configs`` (file name -> content) go into ``model.ts``, where MONAI Deploy looks for them.
    """
    files: dict[str, bytes | Path] = {}
    channels = run.value("in_channels")
    if onnx:
        model = LevelsToProbabilities(network, divisor, run.value("intensity")).eval()
        files["models/model.onnx"] = onnx_bytes(model, channels, facts)
    image = torch.rand(1, channels, *run.value("image_size"), generator=torch.Generator().manual_seed(0))
    if torchscript:
        files["models/model.ts"] = _torchscript(network, image, configs)
    if exported_program:
        files["models/model.pt2"] = _exported_program(network, image, divisor)
    return files


def _torchscript(network: nn.Module, image: torch.Tensor, configs: Mapping[str, bytes]) -> bytes:
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # torch.jit is deprecated; MONAI Deploy still wants it
        path = Path(scratch, "model.ts")  # the name is that of the folder inside
        torch.jit.save(torch.jit.trace(network, image), str(path), dict(configs))
        return path.read_bytes()


def _exported_program(network: nn.Module, image: torch.Tensor, divisor: int) -> bytes:
    free = torch.export.Dim
    shapes = ({0: free("batch"), 2: divisor * free("rows"), 3: divisor * free("columns")},)
    file = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.export.save(torch.export.export(network, (image.repeat(2, 1, 1, 1),), dynamic_shapes=shapes), file)
    except Exception as error:  # the exporter raises many kinds
        raise InputError("models/model.pt2", f"the network cannot be exported ({type(error).__name__})",
                         "pack without --pt2") from error
    return file.getvalue()
