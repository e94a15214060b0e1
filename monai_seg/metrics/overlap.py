"""Scores of one mask against the truth, with the empty cases named instead of blurred by a small number.

With TP, FP, FN the pixels that are hit, false and missed:

    dice = 2 TP / (2 TP + FP + FN)        1 where truth and prediction are both empty
    iou = TP / (TP + FP + FN)             1 where truth and prediction are both empty
    precision = TP / (TP + FP)            NaN where nothing is predicted
    recall = TP / (TP + FN)               NaN where the truth is empty

An image is a false alarm where the truth is empty and the prediction is not, a miss where it is the other way round.
"""

from __future__ import annotations

import math

from torch import Tensor


def overlap_scores(pred: Tensor, label: Tensor) -> dict[str, float]:
    """Return dice, iou, precision, recall and the two areas in pixels.

    Shape:
        pred, label: equal shapes; foreground is what is greater than 0.

    Raises:
        ValueError: the shapes differ.
    """
    if pred.shape != label.shape:
        raise ValueError(f"pred {tuple(pred.shape)} and label {tuple(label.shape)} differ in shape")
    found, truth = pred > 0, label > 0
    hit = int((found & truth).sum())
    pred_area, label_area = int(found.sum()), int(truth.sum())
    both = pred_area + label_area
    return {
        "dice": 2 * hit / both if both else 1.0,
        "iou": hit / (both - hit) if both else 1.0,
        "precision": hit / pred_area if pred_area else math.nan,
        "recall": hit / label_area if label_area else math.nan,
        "label_area_px": label_area,
        "pred_area_px": pred_area,
    }


def summarise(cases: list[dict[str, float]]) -> dict[str, float]:
    """Return the means over ``cases`` of `overlap_scores`: over all images and over those with a lesion.

    A mean over no image at all is NaN.
    """
    positive = [case for case in cases if case["label_area_px"] > 0]
    empty = [case for case in cases if case["label_area_px"] == 0]
    return {
        "images": len(cases),
        "images_positive": len(positive),
        "dice": _mean([case["dice"] for case in cases]),
        "dice_positive": _mean([case["dice"] for case in positive]),
        "iou": _mean([case["iou"] for case in cases]),
        "iou_positive": _mean([case["iou"] for case in positive]),
        "false_alarm_rate": _mean([float(case["pred_area_px"] > 0) for case in empty]),
        "miss_rate": _mean([float(case["pred_area_px"] == 0) for case in positive]),
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan
