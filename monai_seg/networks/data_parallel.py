"""A network that several processes train together, each on its share of the batch."""

from __future__ import annotations

import logging
import warnings

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from monai_seg.processes import count

logger = logging.getLogger(__name__)


def data_parallel(network: nn.Module) -> nn.Module:
    """Return ``network`` in torch's `DistributedDataParallel`, or as it is where there is one process.

    On GPUs batch norm is synchronised. On processors torch has no such thing: each process normalises by its share, and
    `average_statistics` makes one of what they remember. Unused weights are looked for, since heads and pretrained
    backbones may have some; torch then keeps the order in which it adds up gradients, and a resume stays exact.

    Args:
        network: on its device; validate, save and load this one, not the result.
    """
    if count() == 1:
        return network
    device = next(network.parameters()).device
    if device.type == "cuda":
        network = nn.SyncBatchNorm.convert_sync_batchnorm(network)
    elif _unsynchronised(network):
        logger.warning("batch norm: each of the processes normalises by its share of the batch, so weights are others "
                       "than those of one process; networks with instance norm do not differ")
    warnings.filterwarnings("ignore", message="`broadcast_buffers` is deprecated")  # what replaces it is too new
    return DistributedDataParallel(network, device_ids=[device] if device.type == "cuda" else None,
                                   broadcast_buffers=False, find_unused_parameters=True)


def average_statistics(network: nn.Module) -> None:
    """Average the running means and variances of batch norms that are not synchronised; to be called by all."""
    statistics = [buffer for norm in _unsynchronised(network) for buffer in (norm.running_mean, norm.running_var)
                  if buffer is not None]
    if count() == 1 or not statistics:
        return
    flat = torch.cat([buffer.flatten() for buffer in statistics])
    dist.all_reduce(flat)
    for buffer, mean in zip(statistics, (flat / count()).split([len(buffer) for buffer in statistics]), strict=True):
        buffer.copy_(mean)


def _unsynchronised(network: nn.Module) -> list[_BatchNorm]:
    return [module for module in network.modules()
            if isinstance(module, _BatchNorm) and not isinstance(module, nn.SyncBatchNorm)]
