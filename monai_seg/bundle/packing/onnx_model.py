"""models/model.onnx: from grey levels or colours to probabilities, for any batch and any height and width from 32 up.

The file alone is enough to predict: what must be done before and after it stands in its metadata.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from monai_seg.bundle.packing.network import mask_logits, probabilities
from monai_seg.errors import InputError
from monai_seg.networks.segmentation_network import split_tasks

if TYPE_CHECKING:
    import onnx

OPSET = 20
INPUT, OUTPUTS = "image", ["probabilities", "class_probabilities"]
FACTS_KEY = "monai_seg"


class LevelsToProbabilities(nn.Module):
    """Scales levels as the run's ``intensity`` does, pads to what the network wants, and gives probabilities.

    Args:
        network: takes images whose H and W are multiples of ``divisor``, gives logits of their size.
        divisor: see above.
        intensity: the run's `ScaleIntensityRanged`, written out.

    Shape:
        image: (B, C, H, W) float32 levels, 0..255 of 8-bit pictures.  Result: (B, classes, H, W) float32; of a network
        with a class branch a pair of that and the probabilities (B, K) of the image's classes.

    Raises:
        InputError: ``intensity`` is another transform.
    """

    def __init__(self, network: nn.Module, divisor: int, intensity: Mapping[str, Any]) -> None:
        super().__init__()
        target = str(intensity.get("_target_")).rpartition(".")[2]
        if target != "ScaleIntensityRanged" or intensity.get("clip"):
            raise InputError("intensity", f"is {target}, which the ONNX model cannot hold",
                             "pack with --no-onnx, or train with ScaleIntensityRanged")
        self.network, self.divisor = network, divisor
        self.low, self.high = float(intensity["a_min"]), float(intensity["a_max"])
        self.to_low, self.to_high = float(intensity.get("b_min", 0)), float(intensity.get("b_max", 1))

    def forward(self, image: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        height, width = image.shape[-2:]
        scaled = (image - self.low) / (self.high - self.low) * (self.to_high - self.to_low) + self.to_low
        outputs = self.network(pad(scaled, (0, self._missing(width), 0, self._missing(height)), mode="replicate"))
        masks = probabilities(mask_logits(self.network, outputs)[..., :height, :width])
        classes = split_tasks(outputs)[1]
        return masks if classes is None else (masks, classes.softmax(dim=1))

    def _missing(self, length: int) -> int:
        """As `SegmentationNetwork` has it, for lengths that the exporter knows by a name alone."""
        return torch.sym_max(-length % self.divisor, 2 * self.divisor - length)


def onnx_bytes(model: LevelsToProbabilities, channels: int, facts: Mapping[str, Any]) -> bytes:
    """Return ``model`` as ONNX, one file without a trace of this machine.

    Args:
        model: to export.
        channels: of its images.
        facts: what whoever predicts must know; JSON, kept in the model's metadata under `FACTS_KEY`.

    Raises:
        InputError: the packages of the extra ``export`` are not installed, or the network cannot be exported.
    """
    missing = [name for name in ("onnx", "onnxscript") if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError("models/model.onnx", f"needs the package {missing[0]}",
                         "pip install 'monai_seg[export]', or pack with --no-onnx")
    exported = _export(model, channels)
    _strip(exported.graph)
    del exported.metadata_props[:]
    exported.producer_version = ""
    exported.metadata_props.add(key=FACTS_KEY, value=json.dumps(facts, sort_keys=True))
    return exported.SerializeToString(deterministic=True)


def _export(model: LevelsToProbabilities, channels: int) -> onnx.ModelProto:
    free = torch.export.Dim.DYNAMIC
    side = 3 * model.divisor + 32
    image = torch.zeros(2, channels, side - 1, side + 1)  # odd, so that nothing is taken for a multiple
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), torch.no_grad():
            warnings.simplefilter("ignore")
            outputs = OUTPUTS if isinstance(model(image), tuple) else OUTPUTS[:1]
            program = torch.onnx.export(model, (image,), dynamo=True, opset_version=OPSET, input_names=[INPUT],
                                        output_names=outputs, dynamic_shapes={"image": {0: free, 2: free, 3: free}},
                                        external_data=False, verify=False, verbose=False)
    except Exception as error:  # the exporter raises many kinds
        raise InputError("models/model.onnx", f"the network cannot be exported ({type(error).__name__})",
                         "pack with --no-onnx") from error
    finally:
        logger.setLevel(level)
    assert program is not None
    return program.model_proto


def _strip(graph: onnx.GraphProto) -> None:
    """Take out where each operator came from: paths and lines of this machine's files."""
    del graph.metadata_props[:]
    graph.doc_string = ""
    for part in (*graph.node, *graph.initializer, *graph.value_info, *graph.input, *graph.output):
        part.doc_string = ""
        del part.metadata_props[:]
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _strip(attribute.g)
            for inner in attribute.graphs:
                _strip(inner)
