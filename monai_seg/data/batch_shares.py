"""What of an epoch's batches each of several processes takes: together they take each case once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from torch.utils.data import BatchSampler

from monai_seg.errors import InputError
from monai_seg.processes import bounds, count, place


class OwnShareOfBatches(BatchSampler):
    """This process's share of each batch, for training: the shares in the order of the processes are the batch.

    Args:
        sampler, batch_size, drop_last: of the whole batches, as torch's `BatchSampler` takes them.
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool) -> None:
        super().__init__(sampler, batch_size, drop_last)

    def __iter__(self) -> Iterator[list[Any]]:
        for batch in super().__iter__():
            start, end = bounds(len(batch), count())[place()]
            yield batch[start:end]


class OwnBatches(BatchSampler):
    """Each so many-th batch, for validation: batches are those of one process, so that means over them are, too.

    Args:
        sampler, batch_size, drop_last: of all batches, as torch's `BatchSampler` takes them.
    """

    def __init__(self, sampler: Any, batch_size: int, drop_last: bool) -> None:
        super().__init__(sampler, batch_size, drop_last)

    def __iter__(self) -> Iterator[list[Any]]:
        return islice(super().__iter__(), place(), None, count())

    def __len__(self) -> int:
        return len(range(place(), super().__len__(), count()))


def own_share(cases: Sequence[Any], may_be_none: bool = False, labelled_as: str | None = None) -> list[Any]:
    """Return the cases that this process evaluates or infers on: each so many-th of the list, none twice.

    Args:
        cases: the list, the same in all processes.
        may_be_none: whether a process may have nothing to do. Where results are put together it may not.
        labelled_as: name of the split, of which each case must have a label; None where labels are not needed.

    Raises:
        InputError: there are fewer cases than processes, or cases without a label.
    """
    without = [case["image"] for case in cases if labelled_as is not None and "label" not in case]
    if without:
        raise InputError(without[0], f"{len(without)} of {len(cases)} cases of the {labelled_as} split have no label",
                         "evaluate a split with labels, or run inference")
    if len(cases) < count() and not may_be_none:
        raise InputError("--nproc_per_node", f"{count()} processes are more than the {len(cases)} cases",
                         f"start {len(cases)} at most")
    return list(cases[place() :: count()])
