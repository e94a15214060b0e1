"""The loss of a network that gives a mask and a class: each task's own, weighted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from monai_seg.errors import InputError


class MultiTaskLoss(nn.Module):
    """The weighted sum of a loss of masks and a loss of classes.

        loss = mask_weight * mask_loss(mask logits, label) + class_weight * class_loss(class logits, class)

    Args:
        mask_loss: such as `monai.losses.DeepSupervisionLoss`.
        class_loss: such as `torch.nn.CrossEntropyLoss`.
        mask_weight, class_weight: 0 or more, not both 0.

    Shape:
        pred: pair of mask logits, as ``mask_loss`` takes them, and class logits (B, K).
        truth: pair of the label, as ``mask_loss`` takes it, and class ids (B,).  Result: scalar.

    Raises:
        InputError: a weight is below 0, or both are 0.
    """

    def __init__(
        self,
        mask_loss: Callable[..., Tensor],
        class_loss: Callable[..., Tensor],
        mask_weight: float = 1.0,
        class_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if min(mask_weight, class_weight) < 0 or mask_weight + class_weight == 0:
            raise InputError("loss", f"weights must be 0 or more, and not both 0, got {mask_weight} and {class_weight}",
                             "give --mask_loss_weight 1 --class_loss_weight 0.5, say")
        self.mask_loss, self.class_loss = mask_loss, class_loss
        self.mask_weight, self.class_weight = mask_weight, class_weight

    def forward(self, pred: tuple[Any, Tensor], truth: tuple[Tensor, Tensor]) -> Tensor:
        (masks, classes), (label, ids) = pred, truth
        return self.mask_weight * self.mask_loss(masks, label) + self.class_weight * self.class_loss(classes, ids)
