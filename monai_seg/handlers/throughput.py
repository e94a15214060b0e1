"""How fast a training runs, and how much of its time it waits for data."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine, Events


class Throughput:
    """Measure each epoch of a trainer from its start to its last batch; a validation after that is not counted.

    After every batch ``trainer.state`` holds, for the epoch so far:

    - ``throughput``: images per second, over all processes (as all see batches of one size).
    - ``data_wait_share``: share of the time in [0, 1] spent waiting for the next batch, the start of the loader's
      workers included. A high share is cured by more workers or a cache, not by a faster GPU.

    They are there when handlers of ITERATION_COMPLETED that were attached later, and all of EPOCH_COMPLETED, run.
    """

    def __init__(self) -> None:
        self._epoch_start = self._wait_start = self._waited_s = 0.0
        self._images = 0

    def attach(self, engine: Engine) -> None:
        """Register with the trainer."""
        engine.add_event_handler(Events.EPOCH_STARTED, self._start_epoch)
        engine.add_event_handler(Events.GET_BATCH_STARTED, self._start_waiting)
        engine.add_event_handler(Events.GET_BATCH_COMPLETED, self._stop_waiting)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._count)

    def _start_epoch(self, engine: Engine) -> None:
        self._epoch_start, self._waited_s, self._images = perf_counter(), 0.0, 0

    def _start_waiting(self, engine: Engine) -> None:
        self._wait_start = perf_counter()

    def _stop_waiting(self, engine: Engine) -> None:
        self._waited_s += perf_counter() - self._wait_start

    def _count(self, engine: Engine) -> None:
        self._images += _batch_size(engine.state.batch)
        if _is_last_of_epoch(engine) and torch.cuda.is_initialized():
            torch.cuda.synchronize()  # batches that are queued on the GPU have not been computed yet
        elapsed_s = max(perf_counter() - self._epoch_start, 1e-9)  # a coarse clock may not have moved
        state: Any = engine.state
        state.throughput = idist.get_world_size() * self._images / elapsed_s
        state.data_wait_share = self._waited_s / elapsed_s


def _batch_size(batch: object) -> int:
    return len(batch["image"]) if isinstance(batch, dict) else len(batch)  # type: ignore[arg-type]


def _is_last_of_epoch(engine: Engine) -> bool:
    length = engine.state.epoch_length
    return length is not None and engine.state.iteration % length == 0
