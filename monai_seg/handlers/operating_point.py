"""The operating point that suits validation data best, written into the run folder."""

from __future__ import annotations

import json
import logging
import math
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError
from monai_seg.handlers.each_case import each_case, is_first_process, of_all_processes
from monai_seg.handlers.split_rows import cell
from monai_seg.metrics.arrays import as_array
from monai_seg.metrics.confusion import as_class_ids
from monai_seg.metrics.operating_point import (
    SCORES,
    CaseSizes,
    Grid,
    Search,
    Triple,
    measure_sizes,
    search,
    with_default,
)

logger = logging.getLogger(__name__)


class OperatingPoint:
    """Searches ``decide_threshold``, ``min_area_share`` and ``threshold`` together, for binary masks.

    ``operating_point.json`` holds the best triple, its score and what was searched, ``operating_point.csv`` the scores
    of all triples. The values that the run had are tried too and kept unless others are better.

    Args:
        output_dir: the run folder.
        split: name of what is evaluated; test data are refused, since what is chosen on them cannot be judged by them.
        decide_threshold, min_area_share, threshold: the values that the run has had so far.
        score: what is made as high as can be: "dice" (all images, empty and left empty = 1) or "dice_positive".
        prob_key: of the output's probabilities (1, H, W) at the size at which the mask is drawn.
        decide_key: of those at the working size, (1, h, w), by default the same.
        grid: values to try in place of the standard ones.

    Raises:
        InputError: the split is a test split, there is no such score, or an output lacks what is needed.
    """

    def __init__(
        self,
        output_dir: str | Path,
        split: str,
        decide_threshold: float = 0.5,
        min_area_share: float = 0.0,
        threshold: float = 0.5,
        score: str = "dice",
        prob_key: str = "prob",
        decide_key: str | None = None,
        grid: Grid | None = None,
    ) -> None:
        if split.strip().lower().startswith("test"):
            raise InputError(f"split {split!r}", "an operating point chosen on test data makes their scores worthless",
                             "choose it on the validation split")
        if score not in SCORES:
            raise InputError("score", f"{score!r} is no choice", f"give {' or '.join(SCORES)}")
        self.output_dir, self.split, self.score = make_folder(output_dir), split, score
        self.default = Triple(decide_threshold, min_area_share, threshold)
        self.grid = with_default(grid or Grid(), self.default)
        self.prob_key, self.decide_key = prob_key, decide_key or prob_key
        self.measured: dict[str, CaseSizes] = {}

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, lambda _: self.measured.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self._write)

    def _collect(self, engine: Engine) -> None:
        for name, _, output in each_case(engine):
            for key in (self.prob_key, self.decide_key):
                if key not in output:
                    raise InputError(name, f"the evaluation gives no {key!r}",
                                     "let the post-processing copy the probabilities to that key")
            prob, decide = as_array(output[self.prob_key]), as_array(output[self.decide_key])
            try:
                if len(prob) != 1 or len(decide) != 1:
                    raise ValueError(f"probabilities must be (1, H, W), got {prob.shape} and {decide.shape}")
                label = as_class_ids(output["label"], "label", 2)[0] > 0
                self.measured[name] = measure_sizes(prob[0], label, self.grid, decide[0])
            except ValueError as error:
                raise InputError(name, str(error), "give the search a binary task and its probabilities") from error

    def _write(self, engine: Engine) -> None:
        measured = of_all_processes(self.measured)
        if not measured:
            raise InputError(f"split {self.split!r}", "no case to choose by", "name a split that has cases")
        if not is_first_process():
            return
        found = search(list(measured.values()), self.grid, self.default, self.score)
        write_text_durably(self.output_dir / "operating_point.csv", _table(self.grid, found))
        positive = sum(case.label > 0 for case in measured.values())
        write_text_durably(self.output_dir / "operating_point.json", json.dumps({
            **found.best._asdict(),
            "score": None if math.isnan(found.score) else found.score,
            "split": self.split,
            "searched": {"score": self.score, "images": len(measured), "images_positive": positive,
                         "default": self.default._asdict(),
                         **{name: list(values) for name, values in vars(self.grid).items()}},
        }, indent=2) + "\n")  # fmt: skip
        told = {**found.best._asdict(), self.score: found.score}
        logger.info(f"operating point on {self.split}: " + "  ".join(f"{name} {cell(told[name])}" for name in told))


def _table(grid: Grid, found: Search) -> str:
    lines = [",".join((*Triple._fields, *SCORES))]
    for d, decide in enumerate(grid.decide_threshold):
        for a, share in enumerate(grid.min_area_share):
            for t, threshold in enumerate(grid.threshold):
                scores: list[Any] = [float(found.scores[name][d, a, t]) for name in SCORES]
                lines.append(",".join(str(part) for part in (decide, share, threshold, *map(cell, scores))))
    return "\n".join(lines) + "\n"
