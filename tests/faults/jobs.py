"""Jobs of several processes by the real command, each process a fork, met by a store in this one as under torchrun."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch.distributed as dist
from trainings import Ended, Plant, Running

PATIENCE = "60"  # seconds that a process waits for the others


class Job:
    """``size`` forks that run one command; that of rank r gets ``plant(r)`` called before it.

    As torchrun does, the first that fails has the others told to end, and killed if they do not.
    """

    def __init__(
        self, size: int, config: str, data: Path, folder: Path, plant: Callable[[int], None] | None = None,
        **options: str,
    ) -> None:  # fmt: skip
        self.store = dist.TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
        self.folder = folder
        self.ranks = [_Rank(self._entered(rank, size, plant), config, data, folder, rank, options)
                      for rank in range(size)]

    def wait_until(self, holds: Callable[[], bool]) -> bool:
        return self.ranks[0].wait_until(holds)

    def kill(self, rank: int) -> None:
        self.ranks[rank].send(signal.SIGKILL)

    def end(self, within_s: float = 240.0) -> list[Ended]:
        """Wait for all; return how each ended.

        Raises:
            TimeoutError: some hang.
        """
        start, told = time.perf_counter(), False
        while not all([rank.is_over() for rank in self.ranks]):
            if not told and any(rank.is_over() and rank.end().code != 0 for rank in self.ranks):
                told = True
                for rank in self.ranks:
                    rank.send(signal.SIGTERM)
            if time.perf_counter() - start > within_s:
                for rank in self.ranks:
                    rank.send(signal.SIGKILL)
                raise TimeoutError("\n".join(rank.end().stderr[-2000:] for rank in self.ranks))
            time.sleep(0.002)
        return [rank.end() for rank in self.ranks]

    def _entered(self, rank: int, size: int, plant: Callable[[int], None] | None) -> Plant:
        def enter() -> None:
            os.environ.update(
                RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(size), LOCAL_WORLD_SIZE=str(size),
                MASTER_ADDR="127.0.0.1", MASTER_PORT=str(self.store.port), TORCHELASTIC_USE_AGENT_STORE="True",
            )  # fmt: skip
            if plant is not None:
                plant(rank)

        return enter


class _Rank(Running):
    def __init__(
        self, plant: Plant, config: str, data: Path, folder: Path, rank: int, options: dict[str, Any]
    ) -> None:
        self.run_folder = folder
        super().__init__(config, data, folder.with_name(f"{folder.name}.rank{rank}"), plant,
                         **{**options, "output_dir": str(folder)})

    def end(self) -> Ended:
        return super().end()._replace(folder=self.run_folder)


def train_together(size: int, config: str, data: Path, folder: Path, **options: str) -> list[Ended]:
    """Run the training command in ``size`` processes to its end."""
    return Job(size, config, data, folder, **options).end()
