"""Several processes that do one job: how they meet, agree, and share out what there is to do.

torchrun starts them and says by the environment who they are. Without it there is one, and nothing here costs anything.
All that is told below to be called by all must be called by all, in the same order: each waits for the others.
"""

from __future__ import annotations

import atexit
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from itertools import accumulate, pairwise
from types import TracebackType
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from monai_seg.distributed import local_rank
from monai_seg.errors import InputError, find_input_error

PATIENCE_S = 1800.0  # longest wait for the others: a save, or a validation of another size, may take its time
LOST = re.compile(r"gloo|nccl|connection (closed|reset|refused)|broken pipe|timed out waiting|c10d|tcpstore", re.I)
Anything = TypeVar("Anything")
_store: dist.Store | None = None  # torchrun's, which outlives each of the processes
_has_failed = False


def count() -> int:
    """Return how many processes do this job; 1 until they have met."""
    return dist.get_world_size() if _have_met() else 1


def place() -> int:
    """Return which of them this one is, from 0."""
    return dist.get_rank() if _have_met() else 0


def join(patience_s: float = PATIENCE_S) -> None:
    """Meet the other processes that torchrun has started; return at once where there are none.

    Tensors on a GPU travel by NCCL, all others by gloo. Afterwards an error that all processes meet is told once, and
    the end of another process is told in a line.

    Args:
        patience_s: how long each waits for the others before it takes them for lost.

    Raises:
        InputError: torchrun started more processes than there are GPUs, or the others do not come.
    """
    global _store
    if int(os.environ.get("WORLD_SIZE", 1)) == 1 or _have_met():
        return
    backend = "gloo"
    if torch.cuda.is_available():
        if local_rank() >= torch.cuda.device_count():
            raise InputError("--nproc_per_node", f"is more than the {torch.cuda.device_count()} GPUs of this machine",
                             f"give --nproc_per_node {torch.cuda.device_count()}")
        torch.cuda.set_device(local_rank())
        backend = "cpu:gloo,cuda:nccl"
    if "SLURM_JOB_ID" in os.environ:  # Ignite would take LOCAL_RANK from it: 0 for all that torchrun has started
        os.environ["SLURM_LOCALID"] = str(local_rank())
    plain = sys.excepthook  # torch's puts "[rank0]: " before each line
    patience = timedelta(seconds=patience_s)
    try:
        _store, rank, size = next(iter(dist.rendezvous("env://", timeout=patience)))
        dist.init_process_group(backend, store=dist.PrefixStore("group", _store), rank=rank, world_size=size,
                                timeout=patience)
    except (RuntimeError, ValueError) as error:
        raise InputError("torchrun", f"the processes do not meet ({str(error).splitlines()[0]})",
                         "look at --rdzv_endpoint and at the network between the machines") from error
    atexit.register(_leave)
    _tell_once(plain)


def agreed(flag: int) -> int:
    """Return the highest ``flag`` of all processes; to be called by all."""
    if count() == 1:
        return int(flag)
    flags = torch.tensor([int(flag)])
    dist.all_reduce(flags, dist.ReduceOp.MAX)
    return int(flags)


def of_first(make: Callable[[], Anything]) -> Anything:
    """Return what ``make`` gives in the first process, which alone calls it; to be called by all.

    Raises:
        InputError: in all of them, where ``make`` raises it in the first.
    """
    if count() == 1:
        return make()
    told: list[Any] = [None]
    if place() == 0:
        try:
            told = [("made", make())]
        except InputError as error:
            told = [("refused", error)]
    dist.broadcast_object_list(told)
    ((how, what),) = told
    if how == "refused":
        raise what
    return what


def of_all(value: Anything) -> list[Anything]:
    """Return the ``value`` of each process; to be called by all."""
    values: list[Any] = [value] * count()
    if count() > 1:
        dist.all_gather_object(values, value)
    return values


def bounds(length: int, parts: int) -> list[tuple[int, int]]:
    """Return where each of ``parts`` stretches of nearly equal length begins and ends."""
    edges = [0, *accumulate((length + part) // parts for part in range(parts))]
    return list(pairwise(edges))


def whole(value: Any, sizes: Sequence[int]) -> Any:
    """Return a batch, of which each process holds a part, as it is for all together; to be called by all.

    Gradients flow into this process's part alone. As each process computes the same loss from the whole, the sum of
    their gradients is the gradient of that loss.

    Args:
        value: a tensor (b, …), or lists and tuples of such.
        sizes: how many items each process holds.
    """
    if count() == 1:
        return value
    if not isinstance(value, Tensor):
        return type(value)(whole(part, sizes) for part in value)
    padded = value.new_zeros(max(sizes), *value.shape[1:])
    padded[: len(value)] = value.detach()
    parts = [torch.empty_like(padded) for _ in sizes]
    dist.all_gather(parts, padded)
    return torch.cat([value if at == place() else part[:size]
                      for at, (part, size) in enumerate(zip(parts, sizes, strict=True))])


def _leave() -> None:
    """End the threads of the group before Python ends around them; after a failure they may wait for the lost."""
    if _have_met() and not _has_failed:
        dist.destroy_process_group()


def _have_met() -> bool:
    return dist.is_available() and dist.is_initialized()


def _tell_once(plain: Callable[[type[BaseException], BaseException, TracebackType | None], Any]) -> None:
    before = sys.excepthook

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        global _has_failed
        _has_failed = True
        told = find_input_error(error) or _lost(error)
        if told is None:
            before(kind, error, trace)
        elif _is_first_to_tell(str(told)):
            plain(type(told), told, None)
        sys.stderr.flush()

    sys.excepthook = tell


def _lost(error: BaseException | None) -> InputError | None:
    """Return what the failure of a collective call means, however it was wrapped, or None for other errors."""
    if error is None:
        return None
    if isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and LOST.search(str(error))):
        return InputError("torchrun", "another process of this job has ended or does not answer",
                          "see the lines before this one; --resume auto goes on from the newest checkpoint")
    return _lost(error.__cause__ or error.__context__)


def _is_first_to_tell(text: str) -> bool:
    with suppress(RuntimeError):  # the store's machine may be gone
        if _store is not None:
            return _store.add(f"told/{sha256(text.encode()).hexdigest()}", 1) == 1
    return True
