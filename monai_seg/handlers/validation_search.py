"""What the searches for settings of the decision share: validation cases measured one by one, the best written down."""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from ignite.engine import Engine, Events

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError
from monai_seg.handlers.each_case import each_case, is_first_process, of_all_processes
from monai_seg.handlers.split_rows import cell

logger = logging.getLogger(__name__)
Measured = TypeVar("Measured")


class Found(NamedTuple):
    """The outcome of a search: what ``operating_point.json`` and ``operating_point.csv`` hold, and what is logged."""

    content: dict[str, Any]
    table: str
    told: dict[str, Any]


class ValidationSearch(ABC, Generic[Measured]):
    """Measures each case of an evaluation and, at its end, writes what suits them all best into the run folder.

    Args:
        output_dir: the run folder.
        split: name of what is evaluated; test data are refused, since what is chosen on them cannot be judged by them.
        sought: what is searched, in words.
        keys: what each output must hold.
        mend: what to do where an output cannot be measured.

    Raises:
        InputError: the split is a test split; later: an output lacks what is needed or cannot be measured, or there is
            no case.
    """

    def __init__(self, output_dir: str | Path, split: str, sought: str, keys: tuple[str, ...], mend: str) -> None:
        if split.strip().lower().startswith("test"):
            raise InputError(f"split {split!r}", f"{sought} chosen on test data makes their scores worthless",
                             "choose it on the validation split")
        self.output_dir, self.split, self.keys, self.mend = make_folder(output_dir), split, keys, mend
        self.measured: dict[str, Measured] = {}

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, lambda _: self.measured.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self._write)

    @abstractmethod
    def measure(self, output: Mapping[str, Any]) -> Measured:
        """Return what the search needs of one case; ValueError where that cannot be had."""

    @abstractmethod
    def search(self, measured: list[Measured]) -> Found:
        """Return what suits all cases best."""

    def _collect(self, engine: Engine) -> None:
        for name, _, output in each_case(engine):
            for key in self.keys:
                if key not in output:
                    raise InputError(name, f"the evaluation gives no {key!r}",
                                     "let the post-processing copy the probabilities to that key")
            try:
                self.measured[name] = self.measure(output)
            except ValueError as error:
                raise InputError(name, str(error), self.mend) from error

    def _write(self, engine: Engine) -> None:
        measured = of_all_processes(self.measured)
        if not measured:
            raise InputError(f"split {self.split!r}", "no case to choose by", "name a split that has cases")
        if not is_first_process():
            return
        found = self.search(list(measured.values()))
        write_text_durably(self.output_dir / "operating_point.csv", found.table)
        write_text_durably(self.output_dir / "operating_point.json", json.dumps(found.content, indent=2) + "\n")
        logger.info(f"operating point on {self.split}: "
                    + "  ".join(f"{name} {cell(value)}" for name, value in found.told.items()))
