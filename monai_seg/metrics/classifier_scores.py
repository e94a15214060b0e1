"""Scores of a classifier with their intervals: accuracy, macro precision, recall, F1 and AUC, and those of each class.

``accuracy`` is the share of images that get their class; ``accuracy_<class>`` that of images for which "this class or
another" is told right, (TP + TN) / all, which is high for a rare class that is never found.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monai_seg.metrics.bootstrap import Statistic, Values, bootstrap_interval
from monai_seg.metrics.case_measures import Cases
from monai_seg.metrics.class_summary import class_names_of_scores, class_statistic, image_confusions
from monai_seg.metrics.confusion import counts_of
from monai_seg.metrics.overlap import divide
from monai_seg.metrics.summary import Score


class ClassifiedImages(NamedTuple):
    """What a classifier said of N images.

    Args:
        images: their paths.
        groups: what is resampled together.
        truth: (N,) class ids from 0 to K - 1.
        probability: (N, K).
    """

    images: list[str]
    groups: list[str]
    truth: NDArray[np.int64]
    probability: Values


def confusions(found: ClassifiedImages) -> NDArray[np.int64]:
    """Return a confusion matrix (K, K) with a single 1 for each image, (N, K, K); rows are the truth.

    Raises:
        ValueError: a class is not below K, a probability is no number, or there are no images.
    """
    matrices = image_confusions(_cases(found))
    if matrices is None or int(matrices.sum()) != len(found.images):
        raise ValueError("each image must have a class and probabilities that are numbers")
    return matrices


def classifier_scores(found: ClassifiedImages, suffixes: Sequence[str], *, resamples: int = 1000) -> list[Score]:
    """Return the scores with 95 % intervals by groups of images, in a fixed order.

    Args:
        found: at least one image.
        suffixes: of the classes' scores, see `class_suffixes`.
        resamples: of the bootstrap.
    """
    matrices = confusions(found)
    names = [name.removeprefix("class_") for name in class_names_of_scores(suffixes)]
    names += [f"accuracy_{suffix}" for suffix in suffixes]
    interval = bootstrap_interval(_statistic(found, matrices), len(found.images), found.groups, resamples=resamples)
    value, low, high = (limits.tolist() for limits in interval)
    count = len(found.images)
    support = [Score(f"images_{suffix}", int((found.truth == k).sum())) for k, suffix in enumerate(suffixes)]
    return [Score("images", count), *support,
            *(Score(*row, count, 0) for row in zip(names, value, low, high, strict=True))]


def _statistic(found: ClassifiedImages, matrices: NDArray[np.int64]) -> Statistic:
    shared = class_statistic(_cases(found), matrices)
    flat, classes = matrices.reshape(len(matrices), -1).astype(np.float64), matrices.shape[1]

    def statistic(weights: Values) -> Values:
        matrix: Any = (weights @ flat).reshape(-1, classes, classes)  # weighted, so no whole numbers
        counts = counts_of(matrix)
        total = counts.tp + counts.fp + counts.fn + counts.tn
        return np.concatenate([shared(weights), divide(counts.tp + counts.tn, total)], axis=1)

    return statistic


def _cases(found: ClassifiedImages) -> Cases:
    """Return the images as cases without masks."""
    none = np.zeros((len(found.images), 0, 0), np.int64)
    return Cases(found.images, found.groups, none, {}, None, None, np.asarray(found.truth), found.probability)
