"""Masks of images alone that the class branch gives to a class that has masks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from monai.transforms import Transform

from monai_seg.errors import InputError


class GateByClassd(Transform):
    """Turns ``decision`` into no where the classes that have a lesion are less probable together than ``class_gate``.

    The probability goes to ``gate_prob``, where the search for the operating point takes it from. Without
    ``gate_classes`` nothing is done. Serves single images and batches alike, masks of one class and of several.

    Args:
        class_gate: probability that is needed at least; 0 lets every mask pass.
        gate_classes: names of the classes of images that have a lesion at all; None where images of all classes do.
        image_classes: names of all classes, in the order of the branch.

    Shape:
        class_pred: (K,) or (B, K) probabilities.  decision: (C, 1, 1) or (B, C, 1, 1).  gate_prob: (1,) or (B, 1).

    Raises:
        InputError: a name is no class or is given twice, all classes are named, or a gate is set without classes.
    """

    def __init__(self, class_gate: float, gate_classes: Sequence[str] | None, image_classes: Sequence[str]) -> None:
        self.class_gate, names = class_gate, _checked(gate_classes, list(image_classes))
        self.places = [list(image_classes).index(name) for name in names]
        if class_gate > 0 and not names:
            raise InputError("class_gate", f"is {class_gate:g}, but no gate_classes are given",
                             "name the classes that have a lesion with --gate_classes, or give --class_gate 0")

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        gated = dict(data)
        if self.places:
            gated["gate_prob"] = data["class_pred"][..., self.places].sum(dim=-1, keepdim=True)
            gated["decision"] = data["decision"] * (gated["gate_prob"] >= self.class_gate)[..., None, None]
        return gated


def _checked(gate_classes: Any, image_classes: list[str]) -> list[str]:
    if gate_classes is None:
        return []
    mend = f"give a list of some of {', '.join(image_classes)}, or leave it null for no gate"
    if not isinstance(gate_classes, list | tuple) or not gate_classes:
        raise InputError("gate_classes", f"must be a list of names, got {gate_classes!r}", mend)
    for name in gate_classes:
        if name not in image_classes:
            raise InputError("gate_classes", f"{name!r} is none of image_classes", mend)
    if len(set(gate_classes)) < len(gate_classes):
        raise InputError("gate_classes", f"names a class twice: {', '.join(gate_classes)}", mend)
    if len(gate_classes) == len(image_classes):
        raise InputError("gate_classes", "names all classes, so that there is nothing to tell apart", mend)
    return list(gate_classes)
