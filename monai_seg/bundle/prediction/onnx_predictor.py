"""A packed model.onnx and what must be done before and after it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.bundle.prediction.resize import resize
from monai_seg.bundle.prediction.runtimes import open_model
from monai_seg.bundle.prediction.windows import slide
from monai_seg.errors import InputError

FACTS_KEY = "monai_seg"
FORMATS = (1, 2)  # 2: with a class gate
NEEDED = ("image_size", "fit", "image_mode", "mask_encoding", "decide_threshold", "min_area_share")
NEEDED_BY_GATE = ("class_gate", "gate_classes", "image_classes")


class OnnxPredictor:
    """Predicts masks as the packed inference.json does.

    Args:
        model: content of model.onnx.
        where: its path, for errors.
        runtime: what computes it, see `RUNTIMES`.

    Raises:
        InputError: the runtime is missing or refuses the model, or it does not tell how it wants its pictures.
    """

    def __init__(self, model: bytes, where: str, runtime: str = "onnxruntime") -> None:
        self.runtime = open_model(model, where, runtime)
        facts = _facts(self.runtime.about)
        needed = NEEDED if facts.get("format") == FORMATS[0] else (*NEEDED, *NEEDED_BY_GATE)
        if facts.get("format") not in FORMATS or not all(key in facts for key in needed):
            raise InputError(where, "does not tell how it wants its pictures", "pack it with this version of monai_seg")
        self.facts: dict[str, Any] = facts
        self.size: tuple[int, int] = tuple(facts["image_size"])

    def prepare(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return levels (C, H, W) as the network gets them, of pixels (H, W) or (H, W, 3)."""
        image = pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)
        return np.rint(_pad(resize(image, self._fitted(image.shape[1:]), smooth=True), self.size))

    def probabilities(self, levels: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Return probabilities of the prepared levels: of pixels (classes, H, W), and of the picture's classes (K,)."""
        return slide(self._run, levels, self.size)

    def predict(self, pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float32] | None]:
        """Return what the model says of pixels (H, W) or (H, W, 3).

        That is class ids (H, W) at the picture's own size, and the probabilities of the picture's classes (K,), None
        where the model has no class branch.
        """
        found, classes = self.probabilities(self.prepare(pixels))
        mask = self._mask(found, (pixels.shape[0], pixels.shape[1]))
        return mask if self._passes(classes) else np.zeros_like(mask), classes

    def _passes(self, classes: NDArray[np.float32] | None) -> bool:
        """Whether the classes that have a lesion are probable enough for a mask, where there is a gate."""
        if classes is None or "gate_classes" not in self.facts:
            return True
        places = [self.facts["image_classes"].index(name) for name in self.facts["gate_classes"]]
        return bool(classes[places].sum() >= np.float32(self.facts["class_gate"]))

    def _mask(self, found: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.uint8]:
        sure = (found >= np.float32(self.facts["decide_threshold"])).sum(axis=(1, 2), dtype=np.float32)
        least = np.float32(self.facts["min_area_share"] * self.size[0] * self.size[1])
        shown = (sure >= least)[:, None, None]
        own = resize(_crop(found, self._fitted(size)), size, smooth=False)
        if len(own) == 1:
            return ((own >= np.float32(self.facts["threshold"])) & shown)[0].astype(np.uint8)
        return (own * shown).argmax(axis=0).astype(np.uint8)

    def _run(self, image: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        return self.runtime.run(np.ascontiguousarray(image, np.float32))

    def _fitted(self, size: tuple[int, ...]) -> tuple[int, int]:
        """Size of the picture within the working image."""
        height, width = size
        if self.facts["fit"] == "native":
            return height, width
        scale = min(self.size) / max(height, width)
        return round(height * scale), round(width * scale)


def _facts(about: dict[str, str]) -> dict[str, Any]:
    try:
        facts = json.loads(about.get(FACTS_KEY, "{}"))
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _pad(image: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    missing = [max(want - have, 0) for want, have in zip(size, image.shape[1:], strict=True)]
    return np.pad(image, [(0, 0), *((lack // 2, lack - lack // 2) for lack in missing)])


def _crop(image: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    top, left = (max(have - want, 0) // 2 for have, want in zip(image.shape[1:], size, strict=True))
    return image[:, top:top + size[0], left:left + size[1]]
