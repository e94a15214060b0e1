"""The gate of several classes that suits validation data best, written into the run folder."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from ignite.engine import Engine, Events

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError
from monai_seg.handlers.each_case import each_case, is_first_process, of_all_processes
from monai_seg.handlers.split_rows import cell
from monai_seg.metrics.arrays import as_array
from monai_seg.metrics.class_gate import CaseGates, Gate, GateGrid, GateSearch, measure_gates, search_gates

logger = logging.getLogger(__name__)


class ClassGate:
    """Searches ``decide_threshold`` and ``min_area_share`` together, for masks of several classes.

    As `OperatingPoint` for binary ones: ``operating_point.json`` holds the best pair, ``operating_point.csv`` the mean
    Dice of all of them.

    Args:
        output_dir: the run folder.
        split: name of what is evaluated; test data are refused.
        decide_threshold, min_area_share: the values that the run has had so far, kept unless others are better.
        prob_key: of the output's probabilities (C, H, W) at the working size.
        grid: values to try in place of the standard ones.

    Raises:
        InputError: the split is a test split; later: an output lacks what is needed, there are too many classes, or
            no case.
    """

    def __init__(
        self,
        output_dir: str | Path,
        split: str,
        decide_threshold: float = 0.5,
        min_area_share: float = 0.0,
        prob_key: str = "prob",
        grid: GateGrid | None = None,
    ) -> None:
        if split.strip().lower().startswith("test"):
            raise InputError(f"split {split!r}", "a gate chosen on test data makes their scores worthless",
                             "choose it on the validation split")
        self.output_dir, self.split, self.prob_key = make_folder(output_dir), split, prob_key
        self.default, grid = Gate(decide_threshold, min_area_share), grid or GateGrid()
        self.grid = GateGrid(sorted({*grid.decide_threshold, decide_threshold}),
                             sorted({*grid.min_area_share, min_area_share}))
        self.measured: dict[str, CaseGates] = {}

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, lambda _: self.measured.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self._write)

    def _collect(self, engine: Engine) -> None:
        for name, _, output in each_case(engine):
            if self.prob_key not in output:
                raise InputError(name, f"the evaluation gives no {self.prob_key!r}",
                                 "let the post-processing copy the probabilities to that key")
            try:
                label = as_array(output["label"])[0].astype(int)
                self.measured[name] = measure_gates(as_array(output[self.prob_key]), label, self.grid)
            except ValueError as error:
                raise InputError(name, str(error), "leave the search out of the config's finalize") from error

    def _write(self, engine: Engine) -> None:
        measured = of_all_processes(self.measured)
        if not measured:
            raise InputError(f"split {self.split!r}", "no case to choose by", "name a split that has cases")
        if not is_first_process():
            return
        found = search_gates(list(measured.values()), self.grid, self.default)
        write_text_durably(self.output_dir / "operating_point.csv", _table(self.grid, found))
        write_text_durably(self.output_dir / "operating_point.json", json.dumps({
            **found.best._asdict(), "score": found.score, "split": self.split,
            "searched": {"score": "dice", "images": len(measured), "default": self.default._asdict(),
                         "decide_threshold": list(self.grid.decide_threshold),
                         "min_area_share": list(self.grid.min_area_share)},
        }, indent=2) + "\n")  # fmt: skip
        told = {**found.best._asdict(), "dice": found.score}
        logger.info(f"operating point on {self.split}: " + "  ".join(f"{name} {cell(told[name])}" for name in told))


def _table(grid: GateGrid, found: GateSearch) -> str:
    rows = [f"{decide},{share},{cell(float(found.scores[d, a]))}" for d, decide in enumerate(grid.decide_threshold)
            for a, share in enumerate(grid.min_area_share)]
    return "\n".join([",".join((*Gate._fields, "dice")), *rows]) + "\n"
