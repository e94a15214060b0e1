"""The classes of pictures that nobody has labelled, as one table."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Sequence
from pathlib import Path

from ignite.engine import Engine, Events

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError
from monai_seg.handlers.class_rows import class_columns
from monai_seg.handlers.each_case import each_case, is_first_process, of_all_processes
from monai_seg.handlers.split_rows import cell
from monai_seg.metrics.class_names import class_suffixes
from monai_seg.switch import as_switch

TABLE_NAME = "classes.csv"
logger = logging.getLogger(__name__)


class ClassTable:
    """Writes ``classes.csv``: file, prediction and the probability of each class, a row per picture, sorted by file.

    The engine's output holds probabilities (K,).

    Args:
        output_dir: where the table goes.
        class_names: the classes in the order of their ids.
        overwrite: replace a table that is there.
        key: of the output's probabilities, "class_pred" of a network that gives masks as well.

    Raises:
        InputError: the table is there already; the folder cannot be written; later: probabilities that are none.
    """

    def __init__(
        self, output_dir: str | Path, class_names: Sequence[str], overwrite: bool | str = False, key: str = "pred"
    ) -> None:
        self.path, self.class_names, self.key = Path(output_dir) / TABLE_NAME, list(class_names), key
        self.suffixes = class_suffixes(len(class_names), class_names)
        if self.path.exists() and not as_switch("overwrite", overwrite):
            raise InputError(self.path, "is there already", "name another --output_dir, or give --overwrite true")
        make_folder(output_dir)
        self.found: dict[str, list[float]] = {}

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, lambda _: self.found.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self._write)

    def _collect(self, engine: Engine) -> None:
        for name, _, output in each_case(engine, labelled=False):
            self.found[name] = output[self.key].flatten().tolist()

    def _write(self, engine: Engine) -> None:
        found = of_all_processes(self.found)
        if not is_first_process():
            return
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["file", "prediction", *(f"probability_{suffix}" for suffix in self.suffixes)])
        for name, probability in found.items():
            try:
                columns = class_columns(probability, self.class_names, self.suffixes)
            except ValueError as error:
                raise InputError(name, str(error), "mend the network or class_names") from error
            writer.writerow([name, *map(cell, columns.values())])
        write_text_durably(self.path, text.getvalue())
        logger.info(f"written: {self.path}, {len(found)} pictures")
