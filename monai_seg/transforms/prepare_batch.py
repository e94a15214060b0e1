"""What happens to a batch between the loader and the network: to the device, to [0, 1], augmented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class PrepareBatch:
    """The ``prepare_batch`` of MONAI's engines for batches of uint8 images.

    Args:
        intensity: element-wise transform of MONAI's dictionary form that scales ``image`` to [0, 1] floats.
        augment: changes the batch at random (training), or None (validation).
        label_key: entry with the truth, "class" for a classifier, whose batch has no label.
        label_dtype: type of the label that the loss is given, "float32" for one sigmoid channel, "int64" for class ids.
        class_key: entry with the image's class, for networks with a class branch: the truth is then the pair
            (label, class ids (B,)). None for all others.
    """

    def __init__(
        self,
        intensity: Callable[[dict[str, Any]], Any],
        augment: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
        label_dtype: str = "float32",
        label_key: str = "label",
        class_key: str | None = None,
    ) -> None:
        self.intensity, self.augment, self.label_key, self.class_key = intensity, augment, label_key, class_key
        self.label_dtype = getattr(torch, label_dtype)

    def __call__(
        self, batchdata: dict[str, Any], device: torch.device, non_blocking: bool = False, **kwargs: Any
    ) -> tuple[Tensor, Any]:
        batch: dict[str, Any] = {
            **batchdata,
            "image": batchdata["image"].to(device, non_blocking=non_blocking),
            self.label_key: batchdata[self.label_key].to(device, non_blocking=non_blocking),
        }
        batch["image"] = _plain(self.intensity({"image": batch["image"]})["image"])
        if self.augment is not None:
            batch = self.augment(batch)
        label = batch[self.label_key].to(self.label_dtype)
        if self.class_key is None:
            return batch["image"], label
        return batch["image"], (label, batchdata[self.class_key].long().to(device, non_blocking=non_blocking))


def _plain(tensor: Tensor) -> Tensor:
    return tensor.as_tensor() if hasattr(tensor, "as_tensor") else tensor
