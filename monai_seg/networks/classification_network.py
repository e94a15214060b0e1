"""A classifier made fit for the device's best precision, checked before any data are read."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from monai_seg.distributed import find_precision
from monai_seg.errors import InputError

TRIAL_SIDE = 64


class ClassificationNetwork(nn.Module):
    """Runs ``network`` and gives float32 logits. The weights stay those of ``network``: save its state dict.

    Args:
        network: takes (B, in_channels, H, W) images in [0, 1], gives logits (B, num_classes).
        in_channels: channels of the images.
        num_classes: logits of each.
        device: where it runs.
        precision: "auto", "fp32" or "bf16", see `find_precision`.

    Raises:
        InputError: the network does not take such images, or gives something else.
    """

    def __init__(
        self,
        network: nn.Module,
        in_channels: int,
        num_classes: int,
        device: torch.device | str = "cpu",
        precision: str = "auto",
    ) -> None:
        super().__init__()
        _check(network, in_channels, num_classes)
        self.device = torch.device(device)
        self.network = network.to(self.device)
        self.dtype = find_precision(precision, self.device)

    def forward(self, image: Tensor) -> Tensor:
        with torch.autocast(self.device.type, dtype=self.dtype or torch.bfloat16, enabled=self.dtype is not None):
            return self.network(image).float()


def _check(network: nn.Module, in_channels: int, num_classes: int) -> None:
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            logits = network(torch.zeros(1, in_channels, TRIAL_SIDE, TRIAL_SIDE))
    except (RuntimeError, ValueError) as error:
        raise InputError("network_def", f"the network takes no (1, {in_channels}, H, W) image: "
                         f"{str(error).splitlines()[0]}", "set its in_channels to @in_channels") from error
    finally:
        network.train(was_training)
    if not isinstance(logits, Tensor) or logits.shape != (1, num_classes):
        found = tuple(logits.shape) if isinstance(logits, Tensor) else type(logits).__name__
        raise InputError("network_def", f"the network gives {found} for one image, the data have {num_classes} classes",
                         "let it give logits (B, @num_classes)")
