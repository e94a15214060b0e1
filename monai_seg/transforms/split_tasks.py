"""The two answers of a network with a class branch, each under a key of its own."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from monai.transforms import Transform


class SplitTasksd(Transform):
    """Takes the pairs (mask, class) of ``pred`` and ``label`` apart, for post-processing and metrics that know masks.

    ``pred`` keeps the mask logits, ``class_pred`` gets the class logits; ``label`` keeps the mask, ``class_label``
    gets the class id, where the truth is such a pair. (MONAI's engines would put ``class`` back into the batch, where
    metrics do not look, as the batch has that key.) Serves single images and batches alike.
    """

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        split = dict(data)
        split["pred"], split["class_pred"] = data["pred"]
        if isinstance(data.get("label"), tuple | list):
            split["label"], split["class_label"] = data["label"]
        return split
