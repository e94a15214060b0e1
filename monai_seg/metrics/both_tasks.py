"""What a loss of masks and classes wants of a validation's output, after it was taken apart for the other metrics."""

from __future__ import annotations

from typing import Any

from torch import Tensor

Pair = tuple[Any, Tensor]


def both_tasks(output: dict[str, Any]) -> tuple[Pair, Pair]:
    """Return the pairs (mask logits, class logits) and (label, class ids) of a batch.

    Args:
        output: of a MONAI engine without decollation: ``logits``, the network's pair; ``label`` and ``class_label``.
    """
    masks, classes = output["logits"]
    return (masks, classes), (output["label"], output["class_label"])


def count_images(truth: Pair) -> int:
    """Return how many images a truth (label, class ids) is of, as the ``batch_size`` of `ignite.metrics.Loss`."""
    return len(truth[1])
