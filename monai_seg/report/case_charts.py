"""The charts of an evaluation: how scores are spread, Dice against lesion size, calibration."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from monai_seg.report.chart import Chart
from monai_seg.report.run_files import Rows
from monai_seg.report.scale import Scale, scale_of
from monai_seg.report.scored_case import ScoredCase, number


def case_charts(cases: Sequence[ScoredCase]) -> list[str]:
    """Return the charts of the cases of a split as HTML."""
    return [chart for chart in (_spread(cases), _by_size(cases)) if chart]


def calibration_chart(rows: Rows) -> str:
    """Return the reliability diagram of calibration.csv's rows of a split as HTML."""
    return _reliability(rows, ("probability", "foreground", "pixels"), "Calibration of pixels",
                        ("mean probability of the bin", "share that is foreground"), "are foreground")


def class_calibration_chart(rows: Rows) -> str:
    """Return the reliability diagram of class_calibration.csv's rows of a split as HTML."""
    return _reliability(rows, ("confidence", "right", "images"), "Calibration of the class",
                        ("mean probability of the class that was given", "share that is right"), "are right")


def _reliability(rows: Rows, columns: tuple[str, str, str], title: str, axes: tuple[str, str], so: str) -> str:
    sure, share, count = (np.array([number(row.get(name)) for row in rows]) for name in columns)
    known = np.isfinite(sure) & np.isfinite(share)
    if not known.any():
        return ""
    chart = Chart(title, *axes, Scale(0, 1), Scale(0, 1))
    chart.diagonal()
    chart.line(sure, share, f"bins of {columns[2]}")
    gap = np.where(known, np.abs(sure - share), np.nan)
    error = float((count[known] * gap[known]).sum() / count[known].sum())
    widest = int(np.nanargmax(gap))
    return chart.figure(
        f"{count[known].sum():,.0f} {columns[2]}. On the dashed line probabilities mean what they say. Mean distance, "
        f"weighted by {columns[2]} (ECE): {error:.4f}; widest at {sure[widest]:.2f}, where {share[widest]:.0%} of "
        f"{count[widest]:,.0f} {so}.")


def _spread(cases: Sequence[ScoredCase]) -> str:
    scores = np.sort([case.score for case in cases])
    if scores.size < 2 or scores.min() < 0:
        return ""
    with_lesion = np.sort([case.score for case in cases if case.has_lesion])
    chart = Chart("Dice of the cases, sorted", "share of the cases", "Dice", Scale(0, 1), Scale(0, 1))
    chart.line(np.linspace(0, 1, scores.size), scores, f"all {scores.size:,} cases")
    if with_lesion.size > 1 and with_lesion.size < scores.size:
        chart.line(np.linspace(0, 1, with_lesion.size), with_lesion, f"{with_lesion.size:,} with a lesion")
    low, middle, high = np.percentile(scores, (25, 50, 75))
    return chart.figure(f"A quarter of all cases lies below {low:.3f}, half below {middle:.3f}, a quarter above "
                        f"{high:.3f}.")


def _by_size(cases: Sequence[ScoredCase]) -> str:
    shown = [case for case in cases if case.has_lesion]
    if len(shown) < 2:
        return ""
    area = np.array([case.label_area_px for case in shown])
    dice = np.array([case.score for case in shown])
    chart = Chart("Dice against lesion size", "area of the lesion in px, logarithmic", "Dice",
                  scale_of([area], log=True), Scale(0, 1))
    chart.dots(area, dice, "a case")
    order = np.argsort(area)
    groups = [group for group in np.array_split(order, min(10, max(2, len(shown) // 5))) if group.size]
    middles = [float(np.median(dice[group])) for group in groups]
    chart.line([float(np.median(area[group])) for group in groups], middles, "median of equal groups")
    return chart.figure(f"{len(shown):,} cases with a lesion. Median Dice of the smallest {middles[0]:.3f}, of the "
                        f"largest {middles[-1]:.3f}.")
