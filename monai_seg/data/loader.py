"""The data loader of a set of cases, with as many worker processes as help."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import torch
from torch.utils.data import BatchSampler, DataLoader

from monai_seg.data.batch_shares import OwnBatches, OwnShareOfBatches
from monai_seg.data.case_dataset import CaseDataset
from monai_seg.data.epoch_sampler import EpochSampler
from monai_seg.data.filled_check import refuse_empty_masks, refuse_missing_labels, warn_of_copies
from monai_seg.data.worker_signals import outlast_stop_signals
from monai_seg.distributed import usable_cores
from monai_seg.errors import InputError
from monai_seg.processes import count

logger = logging.getLogger(__name__)


def case_loader(
    dataset: CaseDataset,
    batch_size: int,
    shuffle: bool,
    seed: int = 0,
    num_workers: int | str = "auto",
    positive_share: float | None = None,
) -> DataLoader:
    """Return the loader of ``dataset``.

    Args:
        dataset: the cases.
        batch_size: cases per batch, of all processes together: each takes its share of every batch where cases are
            shuffled, and whole batches in turn where they are not, so that what comes out is that of one. A last
            batch that is not full is left out where cases are shuffled and there is a full one: those cases come first
            in some other epoch.
        shuffle: draw the cases in a new order each epoch.
        seed: seed of the run.
        num_workers: processes that load, or "auto": none where the decoded cases fit in memory, as a copy is then all
            there is to do, otherwise one per core up to 8. The samples are the same for every number.
        positive_share: share of samples with a lesion in each batch, see `EpochSampler`; None for the data's own.

    Raises:
        InputError: the data set is empty, ``batch_size`` is not positive, or there are more processes than cases or
            images in a batch.
    """
    if len(dataset) == 0:
        raise InputError("data set", "no cases in it", "point --dataset_dir at a folder with images and masks")
    if batch_size < 1:
        raise InputError("batch_size", f"must be 1 or more, got {batch_size}", "give --batch_size 8, say")
    positive = dataset.has_lesion() if positive_share is not None else ()
    workers = _useful_workers(dataset) if num_workers == "auto" else int(num_workers)
    if workers:
        dataset.bring_in()
    sampler = EpochSampler(len(dataset), seed, shuffle, positive, positive_share)
    drop_last = shuffle and len(dataset) > batch_size
    batches: dict[str, Any] = {"batch_size": batch_size, "sampler": sampler, "drop_last": drop_last}
    if count() > 1:
        batches = {"batch_sampler": _own_batches(sampler, batch_size, drop_last)}
    return DataLoader(
        dataset,
        **batches,
        num_workers=workers,
        worker_init_fn=outlast_stop_signals if workers else None,
        persistent_workers=False,
        pin_memory=torch.cuda.is_available(),
    )


def _own_batches(sampler: EpochSampler, batch_size: int, drop_last: bool) -> BatchSampler:
    for id, what, number in (("batch_size", "images in a batch", batch_size), ("data set", "cases", len(sampler))):
        if number < count() and (sampler.shuffle or id == "data set"):
            raise InputError(id, f"{number} {what} are too few for {count()} processes",
                             f"start {number} at most (--nproc_per_node), or have more {what}")
    if sampler.shuffle:
        return OwnShareOfBatches(sampler, batch_size, drop_last)
    if len(sampler) <= (count() - 1) * batch_size:
        batch_size = len(sampler) // count()
        logger.warning(f"fewer validation batches than processes: they are made of {batch_size}, so that a loss over "
                       "whole batches may differ from that of one process")
    return OwnBatches(sampler, batch_size, drop_last)


def _useful_workers(dataset: CaseDataset) -> int:
    return 0 if dataset.fits_in_memory else min(8, usable_cores())


def fill(datasets: Sequence[CaseDataset], in_channels: int | None = None) -> None:
    """Decode all cases before anything else is done, so that a bad file is found now and not in the tenth epoch.

    An image that stands in two of ``datasets`` is told in a warning.

    Args:
        datasets: whose cases to decode, one for each split.
        in_channels: channels that the network takes, to be compared with the images'; None for no comparison.

    Raises:
        InputError: see `CaseDataset.fill`; a case has no label; all masks are empty; or the images have another number
            of channels.
    """
    refuse_missing_labels(datasets)
    for dataset in datasets:
        dataset.fill()
    found = {len(dataset.decoded(0)["image"]) for dataset in datasets if len(dataset)}
    if in_channels is not None and found - {in_channels}:
        raise InputError("in_channels", f"is {in_channels}, the images are read with {max(found - {in_channels})}",
                         "leave it to image_mode: 1 for L, 3 for RGB")
    refuse_empty_masks(datasets)
    warn_of_copies(datasets)
