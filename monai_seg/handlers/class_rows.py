"""What a classifier says of an image, as the columns of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from monai_seg.metrics.class_calibration import are_probabilities


def class_columns(probability: Sequence[float], class_names: Sequence[str], suffixes: Sequence[str]) -> dict[str, Any]:
    """Return ``prediction`` (the most probable class) and ``probability_<class>`` of each class.

    Raises:
        ValueError: another number of probabilities than of classes, or one that is none.
    """
    values = np.asarray(probability, np.float64)
    if values.shape != (len(class_names),) or not are_probabilities(values):
        raise ValueError(f"needs {len(class_names)} probabilities, got {values.tolist()}")
    return {"prediction": class_names[int(values.argmax())],
            **{f"probability_{suffix}": float(value) for suffix, value in zip(suffixes, values, strict=True)}}
