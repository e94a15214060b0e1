"""The reliability of a classifier as files of the run folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monai_seg.figures.reliability import draw_reliability
from monai_seg.handlers.split_rows import replace_rows
from monai_seg.metrics.bootstrap import Values
from monai_seg.metrics.class_calibration import class_reliability_table


def write_class_reliability(folder: Path, split: str, bins: Values, picture: str) -> list[dict[str, Any]]:
    """Write the rows of ``split`` of ``class_calibration.csv`` and the file ``picture``; return the rows.

    Args:
        folder: of the run.
        split: what was evaluated.
        bins: (3, bins), a sum of `top_label_bins`.
        picture: name of the picture.
    """
    rows = class_reliability_table(bins)
    replace_rows(folder / "class_calibration.csv", split, rows)
    sure, right, images = ([row[name] for row in rows] for name in ("confidence", "right", "images"))
    draw_reliability(sure, right, images, folder / picture,
                     labels=("confidence: probability of the class that was given", "share that is right", "images"),
                     title=f"{split}: is it as sure as it is right?")
    return rows
