"""The table of the pictures' classes, as `monai_seg.handlers.ClassTable` writes it; that one comes with torch."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monai_seg.durable import write_text_durably

TABLE = "classes.csv"


def write_classes(
    path: str | Path, found: Mapping[str, NDArray[np.float32]], names: Sequence[str], columns: Sequence[str]
) -> None:
    """Write file, prediction and the probability of each class, a row per picture, sorted by file.

    Args:
        path: the table.
        found: picture -> probabilities (K,).
        names: of the K classes.
        columns: the same as parts of column names.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["file", "prediction", *(f"probability_{column}" for column in columns)])
    for file in sorted(found):
        cells = [f"{value:.6f}".rstrip("0").rstrip(".") for value in found[file]]
        writer.writerow([file, names[int(found[file].argmax())], *cells])
    write_text_durably(path, text.getvalue())
