"""What computes a packed model.onnx: ONNX Runtime, or OpenVINO, which is quicker on processors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from monai_seg.errors import InputError

Floats = NDArray[np.float32]


class Runtime(Protocol):
    """A model that is ready to run; ``about`` is what it says of itself, by key."""

    about: dict[str, str]

    def run(self, image: Floats) -> list[Floats]:
        """Return the model's outputs for images (B, C, H, W)."""


class _OnnxRuntime:
    """ONNX Runtime on the processor."""

    def __init__(self, model: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.about = self.session.get_modelmeta().custom_metadata_map

    def run(self, image: Floats) -> list[Floats]:
        return self.session.run(None, {"image": image})


class _OpenVino:
    """OpenVINO on the processor, in fp32: left to itself it takes bf16 where the processor has it."""

    def __init__(self, model: bytes) -> None:
        import openvino

        core = openvino.Core()
        graph = core.read_model(model)
        compiled = core.compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        self.request, self.outputs = compiled.create_infer_request(), compiled.outputs
        told: dict[str, Any] = graph.get_rt_info()["framework"] if graph.has_rt_info("framework") else {}
        self.about = {key: str(each.value) for key, each in told.items()}

    def run(self, image: Floats) -> list[Floats]:
        found = self.request.infer({"image": image})
        return [np.array(found[output]) for output in self.outputs]  # the request keeps its own arrays


RUNTIMES: dict[str, Callable[[bytes], Runtime]] = {"onnxruntime": _OnnxRuntime, "openvino": _OpenVino}


def open_model(model: bytes, where: str, runtime: str) -> Runtime:
    """Return ``model`` ready to run.

    Args:
        model: content of model.onnx.
        where: its path, for errors.
        runtime: one of `RUNTIMES`.

    Raises:
        InputError: there is no such runtime, its package is missing, or it refuses the model.
    """
    if runtime not in RUNTIMES:
        raise InputError("runtime", f"there is no {runtime!r}", f"choose one of {', '.join(RUNTIMES)}")
    try:
        return RUNTIMES[runtime](model)
    except ImportError as error:
        raise InputError(where, f"needs the package {runtime}", f"pip install {runtime}") from error
    except Exception as error:  # both raise kinds of their own
        raise InputError(where, f"is no model that {runtime} takes ({type(error).__name__})",
                         "fetch or pack it again") from error
