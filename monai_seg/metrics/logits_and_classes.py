"""What Ignite's classification metrics want of a segmentation engine's output."""

from __future__ import annotations

from typing import Any

from torch import Tensor


def logits_and_classes(output: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """Return (prediction, truth) of a batch in the form of `ignite.metrics.Accuracy` and its kin.

    Args:
        output: of a MONAI engine without decollation: ``label`` (B, 1, H, W) class ids, and ``logits`` or, where there
            is none, ``pred``: logits (B, C, H, W), or a list of them, the finest first.

    Shape:
        Several classes: logits (B, C, H, W) and ids (B, H, W). One sigmoid channel: 0 or 1 and ids, both (B, H, W).
    """
    logits = output["logits"] if "logits" in output else output["pred"]
    logits = logits[0] if isinstance(logits, list | tuple) else logits
    label = output["label"][:, 0].long()
    return (logits if logits.shape[1] > 1 else (logits[:, 0] > 0).long()), label
