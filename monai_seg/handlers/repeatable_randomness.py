"""All randomness of training, drawn anew at each step from (seed, iteration): a resumed run repeats an unbroken one."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from ignite.engine import Engine, Events

from monai_seg.data.epoch_sampler import EpochSampler
from monai_seg.distributed import rank


class RepeatableRandomness:
    """Tells the sampler its epoch, and how much of it a resumed run has done, and seeds torch before each iteration.

    Each process has a stream of its own, as its share of the batch would else be given the dropout of the first's.
    The samples' own randomness does not come from here: it travels with them, see `monai_seg.data.EpochSampler`.

    Args:
        seed: seed of the run.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.EPOCH_STARTED, self._start_epoch)
        engine.add_event_handler(Events.ITERATION_STARTED, self._start_iteration)

    def _start_epoch(self, engine: Engine) -> None:
        loader: Any = engine.state.dataloader
        batches: Any = getattr(loader, "batch_sampler", None)  # under several processes the loader knows no other
        sampler = getattr(batches, "sampler", None) or getattr(loader, "sampler", None)
        if isinstance(sampler, EpochSampler):
            done = engine.state.iteration % (engine.state.epoch_length or 1)  # in this epoch, before a resume within it
            sampler.set_epoch(engine.state.epoch, done * batches.batch_size)
        elif sampler is not None and hasattr(sampler, "set_epoch"):
            sampler.set_epoch(engine.state.epoch)

    def _start_iteration(self, engine: Engine) -> None:
        process = (rank(),) if rank() else ()
        (word,) = np.random.SeedSequence((self.seed, engine.state.iteration, *process)).generate_state(1, np.uint64)
        _seed(engine, int(word) >> 1)


def _seed(engine: Engine, seed: int) -> None:
    """Seed the processor's generator, and the device's: torch's own way reads its source each time, for a traceback."""
    device = getattr(engine.state, "device", None)
    if isinstance(device, torch.device) and device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)
