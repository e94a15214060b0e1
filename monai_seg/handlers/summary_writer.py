"""TensorBoard's writer, made when the first thing is written."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class LazySummaryWriter:
    """Hold the given writer, or make one in ``log_dir`` at first use.

    MONAI's handlers make theirs when they are built: an event file in every process, also where nothing is written.

    Raises:
        ValueError: neither a writer nor a folder is given.
    """

    def __init__(self, summary_writer: SummaryWriter | None, log_dir: str | Path | None) -> None:
        if summary_writer is None and log_dir is None:
            raise ValueError("give summary_writer or log_dir, got neither")
        self._given, self._log_dir = summary_writer, log_dir

    @cached_property
    def writer(self) -> SummaryWriter:
        """The writer itself."""
        if self._given is not None:
            return self._given
        from torch.utils.tensorboard import SummaryWriter  # takes a second to import

        return SummaryWriter(log_dir=str(self._log_dir))
