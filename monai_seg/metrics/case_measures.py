"""All that is kept of a case once it is scored: counts, distances and bins, no mask and no image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.arrays import as_array
from monai_seg.metrics.bootstrap import Values
from monai_seg.metrics.calibration import BINS, calibration_bins
from monai_seg.metrics.class_calibration import are_probabilities
from monai_seg.metrics.confusion import as_class_ids, confusion_matrix
from monai_seg.metrics.surface import SURFACE_SCORES, surface_scores


@dataclass(frozen=True)
class CaseMeasures:
    """Measures of one case.

    Args:
        image: its path.
        group: what is resampled together.
        confusion: (n, n) pixels, rows are the truth.
        surface: (n - 1, 3) `SURFACE_SCORES` of each class but the background.
        calibration: (3, `BINS`) of `calibration_bins`, or None without probabilities.
        highest: highest foreground probability in the image, or None.
        class_truth: id of the image's class, or None.
        class_probability: (K,) of the class branch, or None.
    """

    image: str
    group: str
    confusion: NDArray[np.int64]
    surface: Values
    calibration: Values | None = None
    highest: float | None = None
    class_truth: int | None = None
    class_probability: Values | None = None


@dataclass(frozen=True)
class Cases:
    """The measures of N cases as arrays; what some lack is 0 pixels, NaN or class -1 there, what all lack is None."""

    images: list[str]
    groups: list[str]
    confusion: NDArray[np.int64]  # (N, n, n)
    surface: dict[str, Values]  # (N, n - 1) each
    calibration: Values | None  # (N, 3, BINS)
    highest: Values | None  # (N,)
    class_truth: NDArray[np.int64] | None  # (N,)
    class_probability: Values | None  # (N, K)


def measure_case(
    image: str,
    pred: Any,
    label: Any,
    num_classes: int,
    *,
    group: str | None = None,
    prob: Any = None,
    class_truth: int | None = None,
    class_probability: Any = None,
    tolerance_px: float = 2.0,
) -> CaseMeasures:
    """Measure one case.

    Args:
        image: its path.
        pred, label: class ids.
        num_classes: with the background, at least 2.
        group: by default the image alone.
        prob: probabilities, if known; foreground is what is not background.
        class_truth, class_probability: of the image as a whole, if there is a class branch.
        tolerance_px: of the surface Dice.

    Shape:
        pred, label: (1, H, W).  prob: (1, H, W) or (num_classes, H, W).  class_probability: (K,).

    Raises:
        ValueError: a shape or a value is none of these.
    """
    matrix = confusion_matrix(pred, label, num_classes)
    found, truth = as_class_ids(pred, "pred", num_classes)[0], as_class_ids(label, "label", num_classes)[0]
    surface = [surface_scores(found == k, truth == k, tolerance_px=tolerance_px) for k in range(1, num_classes)]
    foreground = None if prob is None else foreground_probability(prob)
    classes = None if class_probability is None else as_array(class_probability).astype(np.float64).ravel()
    if classes is not None and not are_probabilities(classes):
        raise ValueError(f"class probabilities must lie in [0, 1], got {classes.tolist()}")
    return CaseMeasures(
        image, image if group is None else str(group), matrix,
        np.array([[scores[name] for name in SURFACE_SCORES] for scores in surface]),
        None if foreground is None else calibration_bins(foreground, truth > 0),
        None if foreground is None else float(foreground.max()),
        None if class_truth is None else int(class_truth),
        classes,
    )  # fmt: skip


def foreground_probability(prob: Any) -> NDArray:
    """Return the probability (H, W) of not being background, of sigmoid (1, H, W) or softmax (C, H, W)."""
    values = as_array(prob)
    if values.ndim != 3:
        raise ValueError(f"prob must be (1, H, W) or (C, H, W), got {values.shape}")
    return values[0] if len(values) == 1 else np.clip(1 - values[0], 0, 1)  # rounding may leave 1 + 1e-7


def stack_cases(measures: Sequence[CaseMeasures]) -> Cases:
    """Return the measures as arrays, in the order given; at least one."""
    probabilities = [case.class_probability for case in measures if case.class_probability is not None]
    return Cases(
        [case.image for case in measures],
        [case.group for case in measures],
        np.stack([case.confusion for case in measures]),
        {name: np.stack([case.surface[:, i] for case in measures]) for i, name in enumerate(SURFACE_SCORES)},
        _stacked([case.calibration for case in measures], np.zeros((3, BINS))),
        _stacked([case.highest for case in measures], np.nan),
        _stacked([case.class_truth for case in measures], -1),
        _stacked([case.class_probability for case in measures], np.full_like(probabilities[0], np.nan))
        if probabilities else None,
    )  # fmt: skip


def _stacked(values: Sequence[Any], missing: Any) -> Any:
    if all(value is None for value in values):
        return None
    return np.stack([missing if value is None else value for value in values])
