"""Area under the ROC curve by ranks: the share of pairs (positive, negative) in which the positive scores higher.

A tie counts one half. Undefined (NaN) where there are no positives or no negatives.

Source:
    Hanley & McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monai_seg.metrics.bootstrap import Values
from monai_seg.metrics.overlap import divide


def roc_auc(score: ArrayLike, truth: ArrayLike, weights: Values | None = None) -> Values:
    """Return the area for each row of case weights.

    Args:
        score: the higher, the more it speaks for a positive; cases with NaN are left out.
        truth: whether a case is positive.
        weights: of the cases; by default one row of ones.

    Shape:
        score, truth: (N,).  weights: (R, N).  Result: (R,).
    """
    scores, positive = np.asarray(score, np.float64), np.asarray(truth, bool)
    weights = np.ones((1, scores.size)) if weights is None else weights
    order = np.argsort(scores, kind="stable")
    order = order[~np.isnan(scores[order])]
    if not order.size:
        return np.full(len(weights), np.nan)
    ranked = scores[order]
    ties = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))  # where each group of equals starts
    hits = np.add.reduceat(weights[:, order] * positive[order], ties, axis=1)
    others = np.add.reduceat(weights[:, order] * ~positive[order], ties, axis=1)
    below = np.cumsum(others, axis=1) - others
    return divide((hits * (below + others / 2)).sum(axis=1), hits.sum(axis=1) * others.sum(axis=1))


def mean_roc_auc(scores: Values, truth: NDArray[np.integer], weights: Values | None = None) -> Values:
    """Return the mean over classes of each class against the rest, over those classes for which it is defined.

    With two classes both areas are the same, and so is their mean.

    Shape:
        scores: (N, K) probabilities.  truth: (N,) class ids.  weights: (R, N).  Result: (R,).
    """
    areas = np.stack([roc_auc(scores[:, k], truth == k, weights) for k in range(scores.shape[1])])
    defined = ~np.isnan(areas)
    return divide(np.where(defined, areas, 0).sum(axis=0), defined.sum(axis=0))
