"""The operating point that suits validation data best, written into the run folder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai_seg.errors import InputError
from monai_seg.handlers.split_rows import cell
from monai_seg.handlers.validation_search import Found, ValidationSearch
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


class OperatingPoint(ValidationSearch[CaseSizes]):
    """Searches ``decide_threshold``, ``min_area_share`` and ``threshold`` together, for binary masks.

    ``operating_point.json`` holds the best triple, its scores and what was searched, ``operating_point.csv`` the scores
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
        if score not in SCORES:
            raise InputError("score", f"{score!r} is no choice", f"give {' or '.join(SCORES)}")
        self.score, self.prob_key, self.decide_key = score, prob_key, decide_key or prob_key
        super().__init__(output_dir, split, "an operating point", (self.prob_key, self.decide_key),
                         "give the search a binary task and its probabilities")
        self.default = Triple(decide_threshold, min_area_share, threshold)
        self.grid = with_default(grid or Grid(), self.default)

    def measure(self, output: Mapping[str, Any]) -> CaseSizes:
        prob, decide = as_array(output[self.prob_key]), as_array(output[self.decide_key])
        if len(prob) != 1 or len(decide) != 1:
            raise ValueError(f"probabilities must be (1, H, W), got {prob.shape} and {decide.shape}")
        label = as_class_ids(output["label"], "label", 2)[0] > 0
        return measure_sizes(prob[0], label, self.grid, decide[0])

    def search(self, measured: list[CaseSizes]) -> Found:
        return self.told(measured, search(measured, self.grid, self.default, self.score))

    def told(self, measured: list[CaseSizes], found: Search) -> Found:
        """Return what is written and logged of ``found``."""
        content = {
            **found.best._asdict(),
            "score": None if math.isnan(found.score) else found.score,
            **_scores_of_best(self.grid, found),
            "split": self.split,
            "searched": {"score": self.score, "images": len(measured),
                         "images_positive": sum(case.label > 0 for case in measured),
                         "default": self.default._asdict(),
                         **{name: list(values) for name, values in vars(self.grid).items()}},
        }  # fmt: skip
        return Found(content, _table(self.grid, found), {**found.best._asdict(), self.score: found.score})


def _scores_of_best(grid: Grid, found: Search) -> dict[str, float | None]:
    place = tuple(list(values).index(value) for values, value in zip(vars(grid).values(), found.best, strict=True))
    scores = {name: float(values[place]) for name, values in found.scores.items()}
    return {name: None if math.isnan(value) else value for name, value in scores.items()}


def _table(grid: Grid, found: Search) -> str:
    lines = [",".join((*Triple._fields, *SCORES))]
    for d, decide in enumerate(grid.decide_threshold):
        for a, share in enumerate(grid.min_area_share):
            for t, threshold in enumerate(grid.threshold):
                scores: list[Any] = [float(found.scores[name][d, a, t]) for name in SCORES]
                lines.append(",".join(str(part) for part in (decide, share, threshold, *map(cell, scores))))
    return "\n".join(lines) + "\n"
