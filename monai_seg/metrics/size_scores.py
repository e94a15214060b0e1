"""How well small, medium and large lesions are found and drawn: the scores of each third of the positive images.

The size of an image is the area of all its lesions together; with several classes each class has thirds of its own
beside those of the whole. The thirds are those of all cases, and stay as they are when cases are drawn for intervals.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from monai_seg.metrics.bootstrap import Values
from monai_seg.metrics.confusion import Counts
from monai_seg.metrics.lesion_size import size_groups
from monai_seg.metrics.ratios import Ratio, mean_of, pooled

SIZE_SCORES = ("dice", "iou", "hd95", "hd95_penalised", "surface_dice", "recall")


class SizeFact(NamedTuple):
    """Something about a third that has no interval: how many images it has, or its largest area in pixels."""

    name: str
    value: float


def size_ratios(scores: Mapping[str, Values], counts: Counts, areas_px: Values, suffix: str = "") -> list[Ratio]:
    """Return `SIZE_SCORES` and the miss rate of each third: ``dice_small`` and so on.

    Only what the truth shows counts; hd95 is undefined where it was missed.

    Args:
        scores: of `case_scores`.
        counts: of the same cases and classes.
        areas_px: by which the cases are parted.
        suffix: of the class, such as ``_nucleus``.

    Shape:
        scores, counts: (N, C).  areas_px: (N,).
    """
    truth, found = (counts.tp + counts.fn) > 0, (counts.tp + counts.fp) > 0
    ratios = []
    for size, member in size_groups(areas_px).members.items():
        there = truth & member[:, None]
        ratios += [mean_of(f"{name}_{size}{suffix}", scores[name], there) for name in SIZE_SCORES]
        ratios.append(pooled(f"miss_rate_{size}{suffix}", there & ~found, there))
    return ratios


def size_facts(areas_px: Values, suffix: str = "") -> list[SizeFact]:
    """Return the number of images of each third, and the largest areas that are small and medium; ``areas_px`` (N,)."""
    groups = size_groups(areas_px)
    counted = [SizeFact(f"images_{size}{suffix}", int(np.count_nonzero(member)))
               for size, member in groups.members.items()]
    return [*counted, SizeFact(f"small_max_area_px{suffix}", groups.small_max_px),
            SizeFact(f"medium_max_area_px{suffix}", groups.medium_max_px)]
