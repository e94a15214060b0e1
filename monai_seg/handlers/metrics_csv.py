"""One row per epoch in a CSV file that is valid at any moment."""

from __future__ import annotations

import csv
import io
import logging
import math
from pathlib import Path
from time import perf_counter

from ignite.engine import Engine, Events
from torch.optim import Optimizer

from monai_seg.durable import write_text_durably
from monai_seg.errors import InputError
from monai_seg.figures.curves import RUN_COLUMNS
from monai_seg.handlers.losses_csv import LossesCsv
from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.validation_scores import is_part_of_epoch, scalar_metrics

logger = logging.getLogger(__name__)

Rows = dict[int, dict[str, str]]  # cells by column, by epoch


class MetricsCsv:
    """Write ``metrics.csv``, a row per epoch, and ``losses.csv`` (see `LossesCsv`), a row per batch.

    Columns of metrics.csv: epoch; iteration, batches since the start; seconds since the start, validation included,
    time between a stop and a resume not; train_loss, mean over the epoch's batches; learning_rate of the epoch's last
    batch; images_per_second, empty unless `Throughput` is attached; then every scalar metric of the trainer and of the
    evaluator, the latter empty in epochs without validation.

    The row of an epoch is written at its end. If the validation comes after that, the row is completed then, so the
    order of attachment does not matter to it. Before the handler that saves checkpoints is a good place: then no
    checkpoint is newer than the file. A resumed run keeps the rows of the epochs that it does not repeat.

    Args:
        output_dir: folder of the run; made if it is missing.
        evaluator: engine that validates during training (by `monai.handlers.ValidationHandler`).
        optimizer: where the learning rate is read, from its first parameter group.

    Raises:
        InputError: on the first epoch of a resumed run, when the file that is there is none of ours.
    """

    def __init__(
        self, output_dir: str | Path, evaluator: Engine | None = None, optimizer: Optimizer | None = None
    ) -> None:
        self.path = Path(output_dir) / "metrics.csv"
        self.evaluator, self.optimizer = evaluator, optimizer
        self._losses = LossesCsv(output_dir)
        self._rows: Rows = {}
        self._scores: tuple[int, dict[str, str]] = (0, {})  # epoch, cells
        self._learning_rate = ""
        self._is_open = False
        self._clock_zero = 0.0

    def attach(self, engine: Engine) -> None:
        """Register with the trainer; does nothing in other processes than the first."""
        if not is_main_process():
            return
        self._losses.attach(engine)
        engine.add_event_handler(Events.STARTED, self._start_run)
        engine.add_event_handler(Events.EPOCH_STARTED, self._continue_file)
        engine.add_event_handler(Events.ITERATION_STARTED, self._note_learning_rate)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._add_row)
        if self.evaluator is not None:
            self.evaluator.add_event_handler(Events.COMPLETED, self._add_scores, engine)

    def _start_run(self, engine: Engine) -> None:
        self._is_open = False  # not read yet: whoever restores the trainer's counters may come after us
        self._clock_zero = perf_counter()

    def _continue_file(self, engine: Engine) -> None:
        if self._is_open:
            return
        found = read_rows(self.path) if self.path.exists() else {}
        self._rows = {epoch: row for epoch, row in found.items() if epoch < engine.state.epoch}
        if len(found) > len(self._rows):
            logger.warning(
                "%s: the run goes on from epoch %d; %d rows of later epochs are dropped",
                self.path, engine.state.epoch - 1, len(found) - len(self._rows),
            )  # fmt: skip
        if self._rows:
            self._clock_zero -= float(self._rows[max(self._rows)]["seconds"])
        self._is_open = True

    def _note_learning_rate(self, engine: Engine) -> None:
        if self.optimizer is not None:  # a scheduler may have moved on when the epoch is over
            self._learning_rate = _cell(self.optimizer.param_groups[0]["lr"])

    def _add_row(self, engine: Engine) -> None:
        losses = self._losses.epoch_losses
        throughput = getattr(engine.state, "throughput", None)
        self._rows[engine.state.epoch] = {
            "epoch": str(engine.state.epoch),
            "iteration": str(engine.state.iteration),
            "train_loss": _cell(math.fsum(losses) / len(losses)) if losses else "",
            "learning_rate": self._learning_rate,
            "images_per_second": "" if throughput is None else f"{throughput:.4g}",
            **{name: _cell(value) for name, value in scalar_metrics(engine).items()},
        }
        self._write(engine.state.epoch)

    def _add_scores(self, evaluator: Engine, trainer: Engine) -> None:
        if is_part_of_epoch(trainer):
            epoch = trainer.state.epoch
            self._scores = epoch, {name: _cell(value) for name, value in scalar_metrics(evaluator).items()}
            if epoch in self._rows:
                self._write(epoch)

    def _write(self, epoch: int) -> None:
        row = self._rows[epoch]
        row["seconds"] = f"{perf_counter() - self._clock_zero:.1f}"
        if self._scores[0] == epoch:
            row.update(self._scores[1])
        columns = list(dict.fromkeys([*RUN_COLUMNS, *(name for row in self._rows.values() for name in row)]))
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(self._rows.values())
        write_text_durably(self.path, text.getvalue())


def read_rows(path: Path) -> Rows:
    """Return the rows of a metrics.csv by epoch.

    Raises:
        InputError: it lacks the columns of `RUN_COLUMNS`, or a row has no epoch or seconds.
    """
    mend = "move it away, or resume the run that wrote it"
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if not set(RUN_COLUMNS) <= set(reader.fieldnames or ()):
            raise InputError(path, f"has no columns {', '.join(RUN_COLUMNS)}", mend)
        rows: Rows = {}
        for row in reader:
            if not row["epoch"].isdecimal() or not row["seconds"]:
                raise InputError(path, f"line {reader.line_num} has no epoch or no seconds", mend)
            rows[int(row["epoch"])] = row
    return rows


def _cell(value: float) -> str:
    return f"{float(value):.8g}"  # float32 has about 7 digits
