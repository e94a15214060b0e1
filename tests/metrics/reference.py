"""The scores once more, written from their definitions with plain loops, and without a line of monai_seg."""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import binary_erosion, distance_transform_edt

NAN = math.nan


def overlap(pred: np.ndarray, label: np.ndarray) -> dict[str, float]:
    """Dice, IoU and their kin of two boolean masks, by counting in sets of pixels."""
    found = set(np.flatnonzero(pred).tolist())
    truth = set(np.flatnonzero(label).tolist())
    rest = set(range(pred.size)) - found - truth
    healthy = pred.size - len(truth)
    return {
        "dice": 2 * len(found & truth) / (len(found) + len(truth)) if found or truth else 1.0,
        "iou": len(found & truth) / len(found | truth) if found or truth else 1.0,
        "precision": len(found & truth) / len(found) if found else NAN,
        "recall": len(found & truth) / len(truth) if truth else NAN,
        "specificity": len(rest) / healthy if healthy else NAN,
        "accuracy": (len(found & truth) + len(rest)) / pred.size,
    }


def directed(pred: np.ndarray, label: np.ndarray) -> list[np.ndarray]:
    """Distances from one outline to the other and back, by a distance transform of the whole image."""
    edges = [mask & ~binary_erosion(mask) for mask in (pred, label)]
    return [distance_transform_edt(~edges[1])[edges[0]], distance_transform_edt(~edges[0])[edges[1]]]


def surface(pred: np.ndarray, label: np.ndarray, tolerance_px: float) -> dict[str, float]:
    """HD95, HD95 with the diagonal for a miss or a false alarm, surface Dice."""
    if not pred.any() and not label.any():
        return {"hd95": NAN, "hd95_penalised": 0.0, "surface_dice": 1.0}
    if not pred.any() or not label.any():
        diagonal = (pred.shape[0] ** 2 + pred.shape[1] ** 2) ** 0.5
        return {"hd95": NAN, "hd95_penalised": diagonal, "surface_dice": 0.0}
    both = directed(pred, label)
    hd95 = max(percentile_95(one_way) for one_way in both)
    together = np.concatenate(both)
    return {"hd95": hd95, "hd95_penalised": hd95, "surface_dice": float(np.mean(together <= tolerance_px))}


def percentile_95(values: np.ndarray) -> float:
    """Linear between the two neighbours in rank."""
    ranked = np.sort(values)
    place = 0.95 * (len(ranked) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ranked) - 1)
    return float(ranked[low] + (place - low) * (ranked[high] - ranked[low]))


def case(pred: np.ndarray, label: np.ndarray, classes: int, tolerance_px: float) -> dict[str, list[float]]:
    """All scores of one image, each as a list over the classes without the background."""
    per_class = [{**overlap(pred == k, label == k), **surface(pred == k, label == k, tolerance_px)}
                 for k in range(1, classes)]
    return {name: [scores[name] for scores in per_class] for name in per_class[0]}


def mean(values: list[float]) -> float:
    """Of what is a number."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else NAN


def summary(masks: list[tuple[np.ndarray, np.ndarray]], classes: int, tolerance_px: float) -> dict[str, float]:
    """The scores of all images together; ``masks`` are pairs (prediction, truth)."""
    cases = [case(pred, label, classes, tolerance_px) for pred, label in masks]
    out: dict[str, float] = {}
    for name in cases[0]:
        if name != "accuracy":
            out[name] = mean([mean(scores[name]) for scores in cases])
    for name in ("dice", "iou", "hd95", "hd95_penalised", "surface_dice"):
        views = [[value for k, value in enumerate(scores[name], 1) if (label == k).any()]
                 for scores, (_, label) in zip(cases, masks, strict=True)]
        out[f"{name}_positive"] = mean([mean(view) for view in views])
    misses = [(pred == k, label == k) for pred, label in masks for k in range(1, classes)]
    out["hd95_undefined"] = sum(not (pred.any() and label.any()) for pred, label in misses)
    out["hd95_positive_undefined"] = sum(label.any() and not pred.any() for pred, label in misses)
    out["accuracy"] = mean([float(np.mean(pred == label)) for pred, label in masks])
    all_pred = np.concatenate([pred.ravel() for pred, _ in masks])
    all_label = np.concatenate([label.ravel() for _, label in masks])
    together = case(all_pred[None], all_label[None], classes, tolerance_px)  # overlap alone makes sense of this
    for name in ("dice", "iou", "precision", "recall", "specificity"):
        undefined = [not ((all_pred == k).any() or (all_label == k).any()) for k in range(1, classes)]
        known = [NAN if name in ("dice", "iou") and gone else value
                 for value, gone in zip(together[name], undefined, strict=True)]
        out[f"{name}_pooled"] = mean(known)
    out["accuracy_pooled"] = float(np.mean(all_pred == all_label))
    out.update(image_level(masks, classes))
    errors = [[abs((pred == k).sum() - (label == k).sum()) for k in range(1, classes)] for pred, label in masks]
    out["area_error_px"] = mean([mean(row) for row in errors])
    shares = [[e / (label == k).sum() for k, e in enumerate(row, 1) if (label == k).any()]
              for row, (_, label) in zip(errors, masks, strict=True)]
    out["area_error"] = mean([mean(row) for row in shares])
    every = list(range(1, classes))
    out.update(by_size(masks, cases, every, ""))
    for k in every if classes > 2 else []:
        out.update(by_size(masks, cases, [k], f"_{k}"))
    return out


def by_size(masks: list[tuple[np.ndarray, np.ndarray]], cases: list[dict[str, list[float]]], chosen: list[int],
            suffix: str) -> dict[str, float]:  # fmt: skip
    """The scores of the thirds by the area of the classes ``chosen``, equal areas together."""
    areas = [sum(int((label == k).sum()) for k in chosen) for _, label in masks]
    ranked = sorted(area for area in areas if area)
    third = [ranked[math.ceil(len(ranked) * part / 3) - 1] if ranked else NAN for part in (1, 2)]
    out = {f"small_max_area_px{suffix}": third[0], f"medium_max_area_px{suffix}": third[1]}
    limits = {"small": (0, third[0]), "medium": (third[0], third[1]), "large": (third[1], math.inf)}
    for size, (low, high) in limits.items():
        member = [i for i, area in enumerate(areas) if low < area <= high]
        out[f"images_{size}{suffix}"] = len(member)
        shown = {i: [k for k in chosen if (masks[i][1] == k).any()] for i in member}
        for name in ("dice", "iou", "hd95", "hd95_penalised", "surface_dice", "recall"):
            out[f"{name}_{size}{suffix}"] = mean([mean([cases[i][name][k - 1] for k in shown[i]]) for i in member])
        out[f"hd95_{size}{suffix}_undefined"] = sum(math.isnan(cases[i]["hd95"][k - 1]) for i in member
                                                    for k in shown[i])
        rates = []
        for k in chosen:
            seen = [bool((masks[i][0] == k).any()) for i in member if k in shown[i]]
            rates.append(1 - sum(seen) / len(seen) if seen else NAN)
        out[f"miss_rate_{size}{suffix}"] = mean(rates)
    return out


def image_level(masks: list[tuple[np.ndarray, np.ndarray]], classes: int) -> dict[str, float]:
    """Whether each class was found in each image at all; the mean over classes of each rate."""
    rates: dict[str, list[float]] = {}
    for k in range(1, classes):
        seen = [((pred == k).any(), (label == k).any()) for pred, label in masks]
        tp, fp = sum(p and t for p, t in seen), sum(p and not t for p, t in seen)
        fn, tn = sum(t and not p for p, t in seen), sum(not p and not t for p, t in seen)
        for name, above, below in (
            ("false_alarm_rate", fp, fp + tn), ("miss_rate", fn, fn + tp), ("image_precision", tp, tp + fp),
            ("image_recall", tp, tp + fn), ("image_specificity", tn, tn + fp),
            ("image_f1", 2 * tp, 2 * tp + fp + fn), ("image_accuracy", tp + tn, len(seen)),
        ):  # fmt: skip
            rates.setdefault(name, []).append(above / below if below else NAN)
    return {name: mean(values) for name, values in rates.items()}


def calibration_error(prob: np.ndarray, truth: np.ndarray, bins: int) -> float:
    """ECE with bins that are open below and closed above."""
    total, error = prob.size, 0.0
    limits = np.linspace(0, 1, bins + 1)
    for i in range(bins):
        inside = (prob > limits[i]) & (prob <= limits[i + 1]) if i else prob <= limits[1]
        if inside.any():
            error += inside.sum() / total * abs(prob[inside].mean() - truth[inside].mean())
    return float(error)


def area_under_curve(score: np.ndarray, truth: np.ndarray) -> float:
    """All pairs of a positive and a negative."""
    pairs = [(p > n) + 0.5 * (p == n) for p in score[truth] for n in score[~truth]]
    return float(np.mean(pairs)) if pairs else NAN
