"""Which class became which: the confusion matrix of class ids, from which all counts of pixels follow."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.arrays import as_array


class Counts(NamedTuple):
    """Hits, false ones, missed ones and rightly left ones of each class, equal shapes (..., classes)."""

    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    fn: NDArray[np.int64]
    tn: NDArray[np.int64]


def confusion_matrix(pred: Any, label: Any, num_classes: int) -> NDArray[np.int64]:
    """Return how many elements of class ``i`` were given class ``j``, at row ``i`` and column ``j``.

    Args:
        pred, label: class ids 0, 1, ..., ``num_classes`` - 1; tensors or arrays, of any type of number.
        num_classes: with the background, at least 2.

    Shape:
        pred, label: equal shapes.  Result: (num_classes, num_classes).

    Raises:
        ValueError: the shapes differ, or a value is no class id (a probability, 255): it would score 0 in silence.
    """
    if num_classes < 2:
        raise ValueError(f"num_classes must be 2 or more, background included, got {num_classes}")
    found, truth = as_class_ids(pred, "pred", num_classes), as_class_ids(label, "label", num_classes)
    if found.shape != truth.shape:
        raise ValueError(f"pred {found.shape} and label {truth.shape} differ in shape")
    pairs = truth.ravel() * num_classes + found.ravel()
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes).astype(np.int64)


def as_class_ids(values: Any, name: str, num_classes: int) -> NDArray[np.intp]:
    """Return ``values`` as whole numbers, after a check that each is a class id below ``num_classes``."""
    array = as_array(values)
    inside = not array.size or bool(array.min() >= 0 and array.max() < num_classes)  # false for NaN
    whole = array.astype(np.intp) if inside else np.empty(0, np.intp)
    if not inside or not np.array_equal(whole, array):
        raise ValueError(f"{name} must hold class ids 0 to {num_classes - 1}, got {array.dtype} values from "
                         f"{array.min()} to {array.max()}")
    return whole


def counts_of(matrix: NDArray[np.int64]) -> Counts:
    """Return the counts of each class, each against all others, of confusion matrices (..., n, n)."""
    hit = np.diagonal(matrix, axis1=-2, axis2=-1)
    found, truth = matrix.sum(axis=-2), matrix.sum(axis=-1)
    return Counts(hit, found - hit, truth - hit, matrix.sum(axis=(-2, -1))[..., None] - found - truth + hit)
