"""The summary of all cases: each score with its interval, how many values made it, and how many are undefined.

Two views stand beside each other, because each hides what the other shows. Both are means over images of each image's
mean over foreground classes:

    dice             over all images, empty and left empty = 1: a false alarm costs as much as a miss
    dice_positive    over the images, and of those the classes, that have a lesion: only a miss costs

Names ending in ``_pooled`` are ratios of the sums of all images' pixels, and their mean over classes. ``image_…``,
``false_alarm_rate`` and ``miss_rate`` ask only whether a class was found in an image at all. The full list, with
formulas, stands in docs/metrics.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monai_seg.metrics.bootstrap import Interval, Statistic, bootstrap_interval
from monai_seg.metrics.calibration import expected_calibration_error
from monai_seg.metrics.case_measures import Cases
from monai_seg.metrics.case_rows import case_scores, foreground_counts, pixel_accuracy
from monai_seg.metrics.class_summary import class_names_of_scores, class_statistic, image_confusions
from monai_seg.metrics.confusion import Counts
from monai_seg.metrics.overlap import RATIOS
from monai_seg.metrics.ratios import Ratio, mean_of, pooled, ratio_statistic
from monai_seg.metrics.roc_auc import roc_auc
from monai_seg.metrics.size_scores import size_facts, size_ratios

TWO_VIEWS = ("dice", "iou", "surface_dice", "hd95", "hd95_penalised")


@dataclass(frozen=True)
class Score:
    """A row of the summary; NaN where undefined, None where there is no such thing (limits of a count)."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    count: int | None = None
    undefined: int | None = None


def summarise(
    cases: Cases, suffixes: Sequence[str], class_suffixes: Sequence[str] = (), *, resamples: int = 1000, seed: int = 0
) -> list[Score]:
    """Return the scores of ``cases``, in a fixed order, with 95 % intervals by groups of cases.

    Args:
        cases: what was measured, at least one.
        suffixes: of the mask's classes, the background's first.
        class_suffixes: of the class branch's classes; by default their numbers.
        resamples, seed: of the bootstrap; the same ones give the same limits.
    """
    ratios = mask_ratios(cases, suffixes)
    scores = _intervals([ratio.name for ratio in ratios], [ratio.count for ratio in ratios],
                        [ratio.undefined for ratio in ratios], ratio_statistic(ratios), cases, resamples, seed)
    counted = [Score("images", len(cases.images)), Score("images_positive", int((foreground_areas(cases) > 0).sum()))]
    return [*counted, *scores, *_size_facts(cases, suffixes), *_probability_scores(cases, resamples, seed),
            *_class_scores(cases, class_suffixes, resamples, seed)]


def mask_ratios(cases: Cases, suffixes: Sequence[str]) -> list[Ratio]:
    """Return all scores of masks: over the classes together, and of each class where there are several."""
    scores, counts = case_scores(cases), foreground_counts(cases)
    ratios = _ratios_of(scores, counts, "")
    hits, pixels = pixel_accuracy(cases)
    whole = {"accuracy": mean_of("accuracy", (hits / pixels)[:, None]),
             "accuracy_pooled": pooled("accuracy_pooled", hits[:, None], pixels[:, None])}
    ratios = [whole.get(ratio.name, ratio) for ratio in ratios]
    ratios += size_ratios(scores, counts, foreground_areas(cases))
    if len(suffixes) > 2:
        for i, suffix in enumerate(suffixes[1:]):
            one = {name: values[:, i : i + 1] for name, values in scores.items()}
            of_class = Counts(*(part[:, i : i + 1] for part in counts))
            ratios += _ratios_of(one, of_class, f"_{suffix}")
            ratios += size_ratios(one, of_class, class_areas(cases)[:, i], f"_{suffix}")
    return ratios


def foreground_areas(cases: Cases) -> np.ndarray:
    """Return the area in pixels, (N,), of all that is not background in the truth."""
    return cases.confusion[:, 1:, :].sum(axis=(1, 2))


def class_areas(cases: Cases) -> np.ndarray:
    """Return the area in pixels of each class but the background in the truth, (N, n - 1)."""
    return cases.confusion[:, 1:, :].sum(axis=2)


def _size_facts(cases: Cases, suffixes: Sequence[str]) -> list[Score]:
    facts = size_facts(foreground_areas(cases))
    if len(suffixes) > 2:
        for i, suffix in enumerate(suffixes[1:]):
            facts += size_facts(class_areas(cases)[:, i], f"_{suffix}")
    return [Score(fact.name, fact.value) for fact in facts]


def _ratios_of(scores: dict, counts: Counts, suffix: str) -> list[Ratio]:
    truth, found = (counts.tp + counts.fn) > 0, (counts.tp + counts.fp) > 0
    ratios = []
    for name, values in scores.items():
        if name == "area_error":
            continue
        ratios.append(mean_of(f"{name}{suffix}", values))
        if name in TWO_VIEWS:
            ratios.append(mean_of(f"{name}_positive{suffix}", values, truth))
    ratios += [pooled(f"{name}_pooled{suffix}", *ratio(counts)) for name, ratio in RATIOS.items()]
    image = Counts(*(part.astype(np.int64) for part in (truth & found, ~truth & found, truth & ~found,
                                                        ~truth & ~found)))
    ratios += [
        pooled(f"false_alarm_rate{suffix}", image.fp, image.fp + image.tn),
        pooled(f"miss_rate{suffix}", image.fn, image.fn + image.tp),
        *(pooled(f"image_{name}{suffix}", *RATIOS[ratio](image)) for name, ratio in
          (("precision", "precision"), ("recall", "recall"), ("specificity", "specificity"), ("f1", "dice"),
           ("accuracy", "accuracy"))),
        mean_of(f"area_error{suffix}", np.abs(scores["area_error"]), truth),
        mean_of(f"area_error_px{suffix}", np.abs(counts.fp - counts.fn).astype(np.float64)),
    ]
    return ratios


def _probability_scores(cases: Cases, resamples: int, seed: int) -> list[Score]:
    calibration, highest = cases.calibration, cases.highest
    if calibration is None or highest is None:
        return []
    positive, known = foreground_areas(cases) > 0, ~np.isnan(highest)
    flat = calibration.reshape(len(calibration), -1)

    def statistic(weights: np.ndarray) -> np.ndarray:
        sums = (weights @ flat).reshape(len(weights), *calibration.shape[1:])
        return np.stack([expected_calibration_error(sums), roc_auc(highest, positive, weights)], axis=1)

    count = int(known.sum())
    return _intervals(["ece", "image_auc"], [count] * 2, [len(known) - count] * 2, statistic, cases, resamples, seed)


def _class_scores(cases: Cases, class_suffixes: Sequence[str], resamples: int, seed: int) -> list[Score]:
    matrices = image_confusions(cases)
    if matrices is None:
        return []
    names = class_names_of_scores(class_suffixes or [str(k) for k in range(matrices.shape[1])])
    count = int(matrices.sum())
    return _intervals(names, [count] * len(names), [len(matrices) - count] * len(names),
                      class_statistic(cases, matrices), cases, resamples, seed)


def _intervals(names: Sequence[str], counts: Sequence[int], undefined: Sequence[int], statistic: Statistic,
               cases: Cases, resamples: int, seed: int) -> list[Score]:  # fmt: skip
    found: Interval = bootstrap_interval(statistic, len(cases.images), cases.groups, resamples=resamples, seed=seed)
    value, low, high = (limits.tolist() for limits in found)
    return [Score(*row) for row in zip(names, value, low, high, counts, undefined, strict=True)]
