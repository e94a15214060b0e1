"""A row of ``cases.csv`` as a report sees it: how good the case is, and in what way it failed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monai_seg.report.run_files import Rows

POOR_DICE = 0.5
MISSED, FALSE_ALARM, WRONG_CLASS, POOR = "missed", "false alarm", "wrong class", "poor overlap"
KINDS = {
    MISSED: "the truth shows a lesion, the prediction none",
    FALSE_ALARM: "the prediction shows a lesion, the truth none",
    WRONG_CLASS: "the image got another class than its own",
    POOR: f"both show a lesion, Dice is below {POOR_DICE}",
}


@dataclass(frozen=True)
class ScoredCase:
    """A case with its scores.

    Args:
        image: path as in cases.csv.
        score: Dice; of a classifier the probability of the class it gave, negative where that is wrong.
        text: what to say about it in a line.
        label_area_px, pred_area_px: areas of all that is not background; NaN for a classifier.
        failures: kinds of `KINDS`, with the class where there are several, such as "missed cytoplasm".
        severity: by which failures of a kind are ordered, the worst highest.
    """

    image: str
    score: float
    text: str
    label_area_px: float
    pred_area_px: float
    failures: tuple[str, ...]
    severity: float

    @property
    def has_lesion(self) -> bool:
        return self.label_area_px > 0


def scored_cases(rows: Rows) -> list[ScoredCase]:
    """Return the rows of one split as cases; those without a score that is a number are left out."""
    if not rows or "image" not in rows[0]:
        return []
    if "dice" in rows[0]:
        ends = area_suffixes(rows[0])
        return [case for row in rows if not math.isnan((case := _segmented(row, ends)).score)]
    if "class" in rows[0]:
        return [_classified(row) for row in rows if row["class"] and _given_class(row)]
    return []


def area_suffixes(columns: Iterable[str]) -> list[str]:
    """Return the endings of the classes' columns: ``_nucleus`` and so on, or none where there is one class alone."""
    return [name.removeprefix("label_area_px") for name in columns if name.startswith("label_area_px_")]


def number(cell: str | None) -> float:
    """Return the number in ``cell``, NaN where it is empty or none."""
    try:
        return float(cell) if cell else math.nan
    except ValueError:
        return math.nan


def kind_of(failure: str) -> str:
    """Return which of `KINDS` a failure such as "missed cytoplasm" is."""
    return next(kind for kind in KINDS if failure.startswith(kind))


def _segmented(row: Mapping[str, str], ends: list[str]) -> ScoredCase:
    dice, label, pred = (number(row.get(name)) for name in ("dice", "label_area_px", "pred_area_px"))
    failures = []
    for end in ends or [""]:
        truth, found = number(row.get(f"label_area_px{end}")), number(row.get(f"pred_area_px{end}"))
        name = f" {end[1:]}" if end else ""
        if truth > 0 and found == 0:
            failures.append(MISSED + name)
        elif truth == 0 and found > 0:
            failures.append(FALSE_ALARM + name)
        elif truth > 0 and number(row.get(f"dice{end}")) < POOR_DICE:
            failures.append(POOR + name)
    if row.get("class") and _given_class(row) and row["class"] != _given_class(row):
        failures.append(WRONG_CLASS)
    text = f"Dice {dice:.3f}, {label:,.0f} px true, {pred:,.0f} px found"
    return ScoredCase(row["image"], dice, text, label, pred, tuple(failures), (1 - dice) * max(label, pred, 1))


def _classified(row: Mapping[str, str]) -> ScoredCase:
    given = _given_class(row)
    sure = max((number(cell) for name, cell in row.items()
                if name.startswith(("class_prob_", "probability_"))), default=math.nan)
    sure = 1.0 if math.isnan(sure) else sure
    right = given == row["class"]
    text = f"{row['class']}, recognised ({sure:.2f})" if right else f"{row['class']}, taken for {given} ({sure:.2f})"
    return ScoredCase(row["image"], sure if right else -sure, text, math.nan, math.nan,
                      () if right else (WRONG_CLASS,), 0 if right else sure)


def _given_class(row: Mapping[str, str]) -> str:
    return row.get("class_pred") or row.get("prediction") or ""
