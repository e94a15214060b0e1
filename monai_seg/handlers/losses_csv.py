"""The training loss of every batch as a CSV file."""

from __future__ import annotations

from pathlib import Path

from ignite.engine import Engine, Events

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError
from monai_seg.handlers.loss_buffer import LossBuffer
from monai_seg.handlers.main_process import is_main_process

HEADER = "iteration,epoch,loss\n"


class LossesCsv:
    """Write ``losses.csv``: iteration, epoch, loss of each batch; under torchrun those of the first process.

    The rows of an epoch are appended when it is over, or when the run is stopped within it. A resumed run keeps the
    rows up to the iteration that it continues from and drops later ones, which it will compute again.

    Args:
        output_dir: folder of the run; made if it is missing.

    Raises:
        InputError: on the first epoch of a resumed run, when the file that is there is none of ours.
    """

    def __init__(self, output_dir: str | Path) -> None:
        self.path = Path(output_dir) / "losses.csv"
        self.epoch_losses: list[float] = []  # of the epoch that runs or has just ended, as far as fetched
        self._buffer: LossBuffer[str] = LossBuffer()
        self._lines: list[str] = []
        self._is_open = False

    def attach(self, engine: Engine) -> None:
        """Register with the trainer; does nothing in other processes than the first."""
        if is_main_process():
            engine.add_event_handler(Events.STARTED, self._start_run)
            engine.add_event_handler(Events.EPOCH_STARTED, self._start_epoch)
            engine.add_event_handler(Events.ITERATION_COMPLETED, self._remember)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self._append)
            engine.add_event_handler(Events.TERMINATE, self._append)  # COMPLETED may be skipped then
            engine.add_event_handler(Events.COMPLETED, self._append)

    def _start_run(self, engine: Engine) -> None:
        self._is_open = False  # not read yet: whoever restores the trainer's counters may come after us

    def _start_epoch(self, engine: Engine) -> None:
        self.epoch_losses = []
        if not self._is_open:
            make_folder(self.path.parent)
            write_text_durably(self.path, HEADER + "".join(_rows_until(self.path, engine.state.iteration)))
            self._is_open = True

    def _remember(self, engine: Engine) -> None:
        self._buffer.append(f"{engine.state.iteration},{engine.state.epoch}", engine)
        if self._buffer.is_full():
            self._fetch()

    def _fetch(self) -> None:
        for step, loss in self._buffer.drain():
            self.epoch_losses.append(loss)
            self._lines.append(f"{step},{loss:.8g}\n")

    def _append(self, engine: Engine) -> None:
        self._fetch()
        if self._lines:
            with open(self.path, "a", encoding="utf-8", newline="") as file:
                file.write("".join(self._lines))
            self._lines = []


def _rows_until(path: Path, iteration: int) -> list[str]:
    """Return the lines of ``path`` up to ``iteration``; one that a kill has cut off is none."""
    if iteration == 0 or not path.exists():
        return []
    header, *lines = path.read_text(encoding="utf-8").splitlines(keepends=True) or [""]
    if header != HEADER or not all(line.split(",")[0].isdecimal() for line in lines):
        raise InputError(path, f"is no file of the columns {HEADER.strip()}", "move it away")
    return [line for line in lines if line.endswith("\n") and int(line.split(",")[0]) <= iteration]
