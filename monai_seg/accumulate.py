"""One optimizer step over a batch taken in parts, as many as memory asks for."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from typing import Any

import torch
from monai.engines import SupervisedTrainer
from monai.engines.utils import IterationEvents
from monai.utils import CommonKeys as Keys
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel

from monai_seg.errors import InputError
from monai_seg.networks.data_parallel import average_statistics
from monai_seg.processes import count, of_all, place, whole

logger = logging.getLogger(__name__)


class Accumulate:
    """The ``iteration_update`` of a `SupervisedTrainer`: gradients of the batch's parts are added up, then one step.

    The step is that of the whole batch for losses that are a mean over images. A loss that looks at the batch as a
    whole (``batch: true`` of MONAI's Dice) and batch norm see one part at a time. Under several processes the loss is
    that of the whole batch, of which each holds a share and takes it in as many parts. MONAI's ``accumulation_steps``
    adds up over iterations instead: batches must be made smaller by hand, and it cannot act when memory runs out.

    Args:
        parts: 1 to take a batch at once, n to take it in n parts, or "auto": at once until memory runs out, then in
            twice as many parts each time that it does, with a line that says so. Several processes cannot agree on
            that in the middle of a step: there "auto" is 1.

    Raises:
        InputError: ``parts`` is neither; or not even one image fits into memory.
    """

    def __init__(self, parts: int | str = "auto") -> None:
        if parts != "auto" and not (isinstance(parts, int) and parts >= 1):
            raise InputError("accumulate", f"must be auto or a whole number from 1 up, got {parts!r}",
                             "give --accumulate 2, say")
        self.is_auto = parts == "auto"
        self.parts = 1 if isinstance(parts, str) else parts
        self._trained_in: tuple[SupervisedTrainer, int] | None = None  # the epoch the network was made ready for

    def __call__(self, engine: SupervisedTrainer, batchdata: dict[str, Any]) -> dict[str, Any]:
        sizes = of_all(len(batchdata[Keys.IMAGE]))
        while not self._add_up(engine, batchdata, sizes):
            self._halve(sum(sizes))
        engine.fire_event(IterationEvents.BACKWARD_COMPLETED)
        engine.optimizer.step()
        average_statistics(engine.network)
        engine.fire_event(IterationEvents.MODEL_COMPLETED)
        return engine.state.output

    def state_dict(self) -> dict[str, int]:
        return {"parts": self.parts}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.parts = state["parts"]

    def _add_up(self, engine: SupervisedTrainer, batchdata: dict[str, Any], sizes: list[int]) -> bool:
        """Leave the batch's gradients in the network; return False where memory ran out on the way.

        ``sizes`` says how many of the batch's images each process holds.
        """
        self._let_train(engine)
        engine.optimizer.zero_grad(set_to_none=engine.optim_set_to_none)
        outputs, parts = [], min(self.parts, *sizes)
        try:
            for number, edges in enumerate(zip(*(_bounds(size, parts) for size in sizes), strict=True), start=1):
                start, end = edges[place()]
                part = {key: value[start:end] for key, value in batchdata.items()}
                with nullcontext() if number == parts else _gradients_kept_apart(engine.network):
                    outputs.append(_backward(engine, part, [end - start for start, end in edges], sum(sizes)))
        except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is a RuntimeError
            if not (self.is_auto and is_out_of_memory(error)) or count() > 1:
                raise
            return False
        engine.state.output = _joined(outputs)
        return True

    def _let_train(self, engine: SupervisedTrainer) -> None:
        """Bring the network into training mode: once an epoch, as its many modules take long to go through."""
        network = engine.network  # evaluated within an epoch it may have been alone, or inside what shares it out
        is_training = all(part.training for part in (network, *network.children()))
        if not is_training or self._trained_in != (engine, engine.state.epoch):
            network.train()
            self._trained_in = (engine, engine.state.epoch)

    def _halve(self, count: int) -> None:
        if self.parts >= count:
            raise InputError("memory", "not even one image fits beside the network",
                             "lower --image_size, choose a smaller network, or free memory")
        self.parts = min(2 * self.parts, count)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        logger.warning(f"memory ran out: batches of {count} are now taken in {self.parts} parts, gradients added up, "
                       f"so that the effective batch size stays {count}")


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether ``error`` says that the device, or the processor, has no memory left."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "DefaultCPUAllocator" in str(error)


def _bounds(count: int, parts: int) -> list[tuple[int, int]]:
    edges = [round(index * count / min(parts, count)) for index in range(min(parts, count) + 1)]
    return list(pairwise(edges))


def _gradients_kept_apart(network: torch.nn.Module) -> AbstractContextManager[None]:
    """Return the time in which the gradients of several processes are not yet added up."""
    return network.no_sync() if isinstance(network, DistributedDataParallel) else nullcontext()


def _backward(engine: SupervisedTrainer, part: dict[str, Any], sizes: list[int], batch: int) -> dict[str, Any]:
    """Add the gradients of ``part``, weighted by its share of the batch, and return its outputs.

    ``sizes`` says how many of the part's images each process holds, ``batch`` how many the whole batch has.
    """
    share = sum(sizes) / batch
    image, label = engine.prepare_batch(part, engine.state.device, engine.non_blocking, **engine.to_kwargs)
    engine.state.output = {Keys.IMAGE: image, Keys.LABEL: label}
    engine.state.output[Keys.PRED] = engine.inferer(image, engine.network)
    engine.fire_event(IterationEvents.FORWARD_COMPLETED)
    loss = engine.loss_function(whole(engine.state.output[Keys.PRED], sizes), whole(label, sizes)).mean()
    engine.state.output[Keys.LOSS] = loss * share if share < 1 else loss
    engine.fire_event(IterationEvents.LOSS_COMPLETED)
    # each process has the gradient of one loss by its own share, and DistributedDataParallel means where it should add
    (engine.state.output[Keys.LOSS] * count() if count() > 1 else engine.state.output[Keys.LOSS]).backward()
    return {key: _detached(value) if key != Keys.PRED or share < 1 else value
            for key, value in engine.state.output.items()}


def _joined(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    if len(outputs) == 1:
        return outputs[0]
    joined = {key: _stacked([output[key] for output in outputs]) for key in outputs[0] if key != Keys.LOSS}
    return {**joined, Keys.LOSS: torch.stack([output[Keys.LOSS] for output in outputs]).sum()}


def _detached(value: Any) -> Any:
    return value.detach() if isinstance(value, Tensor) else type(value)(map(_detached, value))


def _stacked(values: list[Any]) -> Any:
    if isinstance(values[0], Tensor):
        return torch.cat(values)
    return type(values[0])(_stacked(list(level)) for level in zip(*values, strict=True))
