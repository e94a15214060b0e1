"""The scores of each case as the rows of ``cases.csv``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from monai_seg.metrics.bootstrap import Values
from monai_seg.metrics.case_measures import Cases
from monai_seg.metrics.confusion import Counts, counts_of
from monai_seg.metrics.lesion_size import size_names
from monai_seg.metrics.overlap import divide, overlap_scores

CASE_SCORES = ("dice", "iou", "precision", "recall", "specificity", "accuracy", "hd95", "hd95_penalised",
               "surface_dice", "area_error")


def case_scores(cases: Cases) -> dict[str, Values]:
    """Return `CASE_SCORES` of each case and foreground class, (N, n - 1); "one" is the rule where both are empty.

    ``area_error`` is (predicted area - true area) / true area, undefined where the truth is empty.
    """
    counts = foreground_counts(cases)
    label_area = counts.tp + counts.fn
    error = divide(counts.fp - counts.fn, label_area)
    return {**overlap_scores(counts, empty="one"), **cases.surface, "area_error": error}


def foreground_counts(cases: Cases) -> Counts:
    """Return the counts of each case and class but the background, (N, n - 1)."""
    return Counts(*(part[:, 1:] for part in counts_of(cases.confusion)))


def pixel_accuracy(cases: Cases) -> tuple[Values, Values]:
    """Return how many pixels of each case have their class, and how many there are, (N,)."""
    hits = np.trace(cases.confusion, axis1=1, axis2=2)
    return hits.astype(np.float64), cases.confusion.sum(axis=(1, 2)).astype(np.float64)


def case_rows(cases: Cases, suffixes: Sequence[str], class_suffixes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return a row per case: image, the scores, the areas in pixels, the third by lesion size, the counts.

    With several classes a score without suffix is the mean over those foreground classes for which it is defined (but
    accuracy: the share of pixels that have their class), and each class has columns of its own.

    Args:
        cases: what was measured.
        suffixes: of the mask's classes, the background's first.
        class_suffixes: of the class branch's classes; by default their numbers.
    """
    scores, counts = case_scores(cases), foreground_counts(cases)
    columns: dict[str, Any] = {"image": cases.images}
    for name, values in scores.items():
        defined = ~np.isnan(values)
        columns[name] = divide(np.where(defined, values, 0).sum(axis=1), defined.sum(axis=1))
    columns["accuracy"] = divide(*pixel_accuracy(cases))
    columns["label_area_px"] = (counts.tp + counts.fn).sum(axis=1)
    columns["pred_area_px"] = (counts.tp + counts.fp).sum(axis=1)
    columns["size"] = size_names(columns["label_area_px"])
    several = len(suffixes) > 2
    for i, suffix in enumerate(suffixes[1:]):
        end = f"_{suffix}" if several else ""
        if several:
            columns.update({f"{name}{end}": values[:, i] for name, values in scores.items()})
            columns[f"label_area_px{end}"] = (counts.tp + counts.fn)[:, i]
            columns[f"pred_area_px{end}"] = (counts.tp + counts.fp)[:, i]
            columns[f"size{end}"] = size_names(columns[f"label_area_px{end}"])
        columns.update({f"{name}_px{end}": part[:, i] for name, part in counts._asdict().items()})
    if cases.highest is not None:
        columns["highest_probability"] = cases.highest
    columns.update(_class_columns(cases, class_suffixes))
    cells = [column if isinstance(column, list) else np.asarray(column).tolist() for column in columns.values()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*cells, strict=True)]


def _class_columns(cases: Cases, class_suffixes: Sequence[str]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if cases.class_truth is not None:
        columns["class"] = [None if truth < 0 else truth for truth in cases.class_truth.tolist()]
    if cases.class_probability is not None:
        found, known = _highest(cases.class_probability), ~np.isnan(cases.class_probability[:, 0])
        columns["class_pred"] = [id if there else None for id, there in zip(found, known.tolist(), strict=True)]
        names = class_suffixes or [str(k) for k in range(cases.class_probability.shape[1])]
        columns.update({f"class_prob_{name}": cases.class_probability[:, k] for k, name in enumerate(names)})
    return columns


def _highest(probability: Values) -> list[int]:
    return np.where(np.isnan(probability), -1, probability).argmax(axis=1).tolist()
