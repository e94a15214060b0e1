"""How far the scores of monai_seg lie from independent ones, over many random masks."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import reference
from monai.metrics import compute_hausdorff_distance, compute_surface_dice
from random_masks import Pair, five_empty_cases, random_pair
from skimage.metrics import hausdorff_distance
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    jaccard_score,
    precision_recall_fscore_support,
    roc_auc_score,
)
from torch import from_numpy, quantile

from monai_seg.metrics import calibration, class_calibration, classification, confusion, surface
from monai_seg.metrics.case_measures import measure_case, stack_cases
from monai_seg.metrics.case_rows import case_scores
from monai_seg.metrics.class_names import class_suffixes
from monai_seg.metrics.roc_auc import mean_roc_auc, roc_auc
from monai_seg.metrics.summary import summarise

TOLERANCE_PX = 2.0
CLASSES = (2, 3, 4, 5)
MONAI_AS_IT_IS = "hd95, MONAI's own number"  # it rounds the percentile's rank in float32: 6e-5 px off, and not judged


class Found(NamedTuple):
    """What was compared, with how many values, the largest difference, and whether that has to be small."""

    name: str
    count: int
    difference: float
    judged: bool


class Differences:
    """Collects the largest difference by name; NaN equals NaN alone."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, float]] = {}

    def add(self, name: str, ours: float, theirs: float) -> None:
        both, one = math.isnan(ours) and math.isnan(theirs), math.isnan(ours) or math.isnan(theirs)
        difference = 0.0 if both else math.inf if one else abs(ours - theirs)
        count, largest = self.found.get(name, (0, 0.0))
        self.found[name] = count + 1, max(largest, difference)

    def rows(self) -> list[Found]:
        return [Found(name, *values, name != MONAI_AS_IT_IS) for name, values in self.found.items()]


def compare_all(masks: int, seed: int = 0) -> list[Found]:
    """Compare on ``masks`` random pairs and on the five empty cases, dealt over 2 to 5 classes."""
    random, differences = np.random.default_rng(seed), Differences()
    for classes in CLASSES:
        pairs = [random_pair(random, classes) for _ in range(masks // len(CLASSES))]
        empty = list(five_empty_cases(classes).values())
        for pair in (*pairs, *empty):
            _compare_case(differences, pair, classes)
        for split in (pairs, empty, [*pairs, *empty], empty[:1], pairs[:1], empty[:1] * 3):
            _compare_summary(differences, split, classes)
        _compare_classes(differences, random, classes)
    for _ in range(max(1, masks // 20)):
        _compare_probabilities(differences, random)
    return differences.rows()


def _compare_case(differences: Differences, pair: Pair, classes: int) -> None:
    pred, label = pair
    cases = stack_cases([measure_case("a.png", pred[None], label[None], classes, tolerance_px=TOLERANCE_PX)])
    ours = case_scores(cases)
    for name, theirs in reference.case(pred, label, classes, TOLERANCE_PX).items():
        for k, value in enumerate(theirs):
            differences.add(f"{name}, each image", ours[name][0, k], value)
    matrix = confusion_matrix(label.ravel(), pred.ravel(), labels=range(classes))
    differences.add("confusion matrix, scikit-learn", float(np.abs(cases.confusion[0] - matrix).max()), 0.0)
    for name, k, value in _by_scikit_learn(pred.ravel(), label.ravel(), classes):
        differences.add(f"{name}, scikit-learn", ours[name][0, k - 1], value)
    for k in range(1, classes):
        _compare_surface(differences, pred == k, label == k)


def _by_scikit_learn(pred: np.ndarray, label: np.ndarray, classes: int) -> Iterator[tuple[str, int, float]]:
    for k in range(1, classes):
        found, truth = pred == k, label == k
        precision, recall, f1, _ = precision_recall_fscore_support(truth, found, average="binary", zero_division=np.nan)
        if found.any() or truth.any():
            yield "dice", k, f1
            yield "iou", k, jaccard_score(truth, found)
        yield "precision", k, precision
        yield "recall", k, recall
        yield "specificity", k, _recall_of_background(truth, found)
        yield "accuracy", k, accuracy_score(truth, found)


def _recall_of_background(truth: np.ndarray, found: np.ndarray) -> float:
    return precision_recall_fscore_support(~truth, ~found, average="binary", zero_division=np.nan)[1]


def _compare_surface(differences: Differences, pred: np.ndarray, label: np.ndarray) -> None:
    if not (pred.any() and label.any()):
        return
    farthest = max(float(distances.max()) for distances in surface.surface_distances(pred, label))
    outlines = [mask & ~_eroded(mask) for mask in (pred, label)]
    differences.add("Hausdorff distance, scikit-image", farthest, hausdorff_distance(*outlines))
    ours = surface.surface_scores(pred, label, tolerance_px=TOLERANCE_PX)
    batch = [from_numpy(mask[None, None]).float() for mask in (pred, label)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # MONAI's own call of a deprecated argument
        hd95 = float(compute_hausdorff_distance(*batch, include_background=True, percentile=95))
        dice = float(compute_surface_dice(*batch, [TOLERANCE_PX], include_background=True))
    rounded = max(float(quantile(from_numpy(distances).float(), 0.95))
                  for distances in surface.surface_distances(pred, label))
    differences.add("hd95, MONAI, ours rounded as it rounds", rounded, hd95)
    differences.add(MONAI_AS_IT_IS, ours["hd95"], hd95)
    differences.add("surface_dice, MONAI (float32)", ours["surface_dice"], dice)


def _eroded(mask: np.ndarray) -> np.ndarray:
    wide = np.pad(mask, 1)
    shifted = [np.roll(wide, step, axis)[1:-1, 1:-1] for step in (-1, 1) for axis in (0, 1)]
    return np.logical_and.reduce([mask, *shifted])


def _compare_summary(differences: Differences, pairs: list[Pair], classes: int) -> None:
    measures = [measure_case(f"{i:04d}.png", pred[None], label[None], classes, tolerance_px=TOLERANCE_PX)
                for i, (pred, label) in enumerate(pairs)]
    scores = {score.name: score for score in summarise(stack_cases(measures), class_suffixes(classes, None),
                                                       resamples=1)}
    for name, theirs in reference.summary(pairs, classes, TOLERANCE_PX).items():
        if name.endswith("_undefined"):
            ours = float(scores[name.removesuffix("_undefined")].undefined or 0)
        else:
            ours = scores[name].value
        differences.add(f"{name}, all images", ours, theirs)


def _compare_classes(differences: Differences, random: np.random.Generator, classes: int) -> None:
    for _ in range(10):
        truth = random.integers(classes, size=60)
        scores = random.dirichlet(np.ones(classes), size=60).round(1) + 1e-3 * np.arange(classes)
        found = scores.argmax(axis=1) if random.random() < 0.7 else np.zeros(60, int)  # some are never predicted
        ours = classification.class_scores(confusion.confusion_matrix(found, truth, classes))
        theirs = precision_recall_fscore_support(truth, found, zero_division=0)
        macro = precision_recall_fscore_support(truth, found, average="macro", zero_division=0)
        for name, values, value in zip(classification.CLASS_SCORES, theirs[:3], macro[:3], strict=True):
            for k in range(classes):
                differences.add(f"{name} of images, scikit-learn", ours[name][k], values[k])
            differences.add(f"macro {name} of images, scikit-learn", float(classification.macro(ours[name])), value)
        differences.add("accuracy of images, scikit-learn", float(ours["accuracy"]), accuracy_score(truth, found))
        sums = class_calibration.top_label_bins(shares := scores / scores.sum(axis=1, keepdims=True), truth)
        differences.add("ECE of images", float(calibration.expected_calibration_error(sums.sum(axis=0))),
                        reference.calibration_error(shares.max(axis=1), shares.argmax(axis=1) == truth, sums.shape[2]))
        if len(set(truth.tolist())) == classes:
            each = [roc_auc_score(truth == k, scores[:, k]) for k in range(classes)]
            differences.add("macro ROC-AUC, scikit-learn", float(mean_roc_auc(scores, truth)[0]), float(np.mean(each)))


def _compare_probabilities(differences: Differences, random: np.random.Generator) -> None:
    prob, bins = random.random(500).round(2), calibration.BINS
    truth = random.random(500) < prob**2
    sums = calibration.calibration_bins(prob, truth)
    ours = float(calibration.expected_calibration_error(sums))
    differences.add("ECE", ours, reference.calibration_error(prob, truth, bins))
    shares, means = calibration_curve(truth, prob, n_bins=bins)
    weights = sums[0][sums[0] > 0] / prob.size
    differences.add("ECE, scikit-learn", ours, float((weights * np.abs(shares - means)).sum()))
    few = prob[:80], truth[:80]
    differences.add("ROC-AUC", float(roc_auc(*few)[0]), reference.area_under_curve(*few))
    differences.add("ROC-AUC, scikit-learn", float(roc_auc(prob, truth)[0]), roc_auc_score(truth, prob))
