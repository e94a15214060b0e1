"""The network of a run with its best weights, as MONAI defines it and as it is packed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from monai_seg.bundle.packing.trained_run import TrainedRun
from monai_seg.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor, nn


def trained_network(run: TrainedRun) -> nn.Module:
    """Return the network of ``run`` with its best weights, ready to predict on the CPU.

    Raises:
        InputError: the weights cannot be read or do not fit.
    """
    import torch
    from monai.bundle import ConfigParser

    network = ConfigParser({"network_def": run.value("network_def")}).get_parsed_content("network_def")
    try:
        content = torch.load(run.weights, map_location="cpu", weights_only=True)
        network.load_state_dict(content["model"])
    except Exception as error:  # torch and pickle raise whatever the bytes lead them to
        raise InputError(run.weights, f"holds no weights of this run's network ({type(error).__name__})",
                         "restore it or train anew") from error
    return network.eval()


def weights_bytes(network: nn.Module) -> bytes:
    """Return ``{"model": state dict}`` as torch writes it, and nothing besides: equal weights give equal bytes."""
    import torch

    weights = {name: value.detach().cpu().clone().contiguous() for name, value in network.state_dict().items()}
    file = io.BytesIO()
    torch.save({"model": weights}, file)
    return file.getvalue()


def plain_divisor(network: nn.Module, divisor: int, in_channels: int) -> int | None:
    """Return ``divisor`` where ``network`` alone gives one tensor (B, classes, H, W); None where it gives more."""
    import torch

    with torch.no_grad():
        output = network(torch.zeros(1, in_channels, *[max(4 * divisor, 32)] * 2))
    return divisor if isinstance(output, torch.Tensor) and output.ndim == 4 else None


def mask_logits(network: nn.Module, outputs: Any) -> Tensor:
    """Return the finest (B, classes, H, W) logits of what a MONAI network, or one of ours, gives."""
    from monai.networks.nets import BasicUNetPlusPlus

    from monai_seg.networks.segmentation_network import split_tasks

    masks, _ = split_tasks(outputs)
    if hasattr(masks, "ndim"):
        return masks[:, 0] if masks.ndim == 5 else masks
    return masks[-1] if isinstance(network, BasicUNetPlusPlus) else masks[0]


def probabilities(logits: Tensor) -> Tensor:
    """Return probabilities (B, C, H, W): a sigmoid of one channel, a softmax of several."""
    return logits.sigmoid() if logits.shape[1] == 1 else logits.softmax(dim=1)
