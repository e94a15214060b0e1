"""The gate of several classes that suits validation data best, written into the run folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai_seg.handlers.split_rows import cell
from monai_seg.handlers.validation_search import Found, ValidationSearch
from monai_seg.metrics.arrays import as_array
from monai_seg.metrics.class_gate import CaseGates, Gate, GateGrid, GateSearch, measure_gates, search_gates


class ClassGate(ValidationSearch[CaseGates]):
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
        super().__init__(output_dir, split, "a gate", (prob_key,), "leave the search out of the config's finalize")
        self.prob_key = prob_key
        self.default, grid = Gate(decide_threshold, min_area_share), grid or GateGrid()
        self.grid = GateGrid(sorted({*grid.decide_threshold, decide_threshold}),
                             sorted({*grid.min_area_share, min_area_share}))

    def measure(self, output: Mapping[str, Any]) -> CaseGates:
        label = as_array(output["label"])[0].astype(int)
        return measure_gates(as_array(output[self.prob_key]), label, self.grid)

    def search(self, measured: list[CaseGates]) -> Found:
        found = search_gates(measured, self.grid, self.default)
        content = {
            **found.best._asdict(), "score": found.score, "dice": found.score, "split": self.split,
            "searched": {"score": "dice", "images": len(measured), "default": self.default._asdict(),
                         "decide_threshold": list(self.grid.decide_threshold),
                         "min_area_share": list(self.grid.min_area_share)},
        }  # fmt: skip
        return Found(content, _table(self.grid, found), {**found.best._asdict(), "dice": found.score})


def _table(grid: GateGrid, found: GateSearch) -> str:
    rows = [f"{decide},{share},{cell(float(found.scores[d, a]))}" for d, decide in enumerate(grid.decide_threshold)
            for a, share in enumerate(grid.min_area_share)]
    return "\n".join([",".join((*Gate._fields, "dice")), *rows]) + "\n"
