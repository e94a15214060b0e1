"""Numbers of a whole data set: files, splits, lesion areas, classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.check.case import CaseList
from monai_seg.check.scan import CaseFacts


@dataclass(frozen=True)
class Summary:
    """Numbers of a data set.

    Args:
        cases: images with a mask.
        splits: cases per split.
        image_modes, image_sizes, mask_modes: files of each kind, sizes as "H x W".
        areas: (cases,) share of each mask that is not background; of the masks that could be read.
        class_pixels: share of all pixels per class id, background first.
        class_images: masks that show each class.
        groups: number of groups (patients) named, 0 where none is.
    """

    cases: int
    splits: Mapping[str, int]
    image_modes: Mapping[str, int]
    image_sizes: Mapping[str, int]
    mask_modes: Mapping[str, int]
    areas: NDArray[np.float64]
    class_pixels: tuple[float, ...]
    class_images: tuple[int, ...]
    groups: int

    @property
    def empty_share(self) -> float:
        """Share of the masks that show nothing; nan where no mask could be read."""
        return float(np.mean(self.areas == 0)) if self.areas.size else float("nan")

    def to_json(self) -> dict[str, Any]:
        shown = self.areas[self.areas > 0]
        quantiles = np.quantile(shown, [0.1, 0.5, 0.9]).tolist() if shown.size else []
        return {
            "cases": self.cases, "splits": dict(self.splits), "groups": self.groups,
            "image_modes": dict(self.image_modes), "image_sizes": dict(self.image_sizes),
            "mask_modes": dict(self.mask_modes), "empty_masks": int((self.areas == 0).sum()),
            "empty_share": None if not self.areas.size else round(self.empty_share, 6),
            "lesion_area_share_p10_p50_p90": [round(value, 8) for value in quantiles],
            "class_pixel_share": [round(share, 8) for share in self.class_pixels],
            "class_images": list(self.class_images),
        }


def summarise(cases: CaseList, facts: Sequence[CaseFacts], classes: Sequence[Mapping[int, int] | None]) -> Summary:
    """Return the summary; ``classes`` has the pixels per class id of each case, None where its mask cannot be read."""
    images = [fact.image for fact in facts if fact.image is not None]
    read = [counts for counts in classes if counts]
    highest = max((max(counts) for counts in read), default=0)
    pixels = [sum(counts.get(class_id, 0) for counts in read) for class_id in range(highest + 1)]
    return Summary(
        cases=sum(case.image is not None and case.label is not None for case in cases.cases),
        splits=Counter(case.split for case in cases.cases if case.image is not None and case.label is not None),
        image_modes=_ranked(f"{image.mode} {image.bits}-bit {image.format}" for image in images),
        image_sizes=_ranked(f"{image.size[0]} x {image.size[1]}" for image in images),
        mask_modes=_ranked(mode for fact in facts if fact.mask is not None for mode in fact.mask.modes),
        areas=np.array([1 - counts.get(0, 0) / sum(counts.values()) for counts in read]),
        class_pixels=tuple(count / sum(pixels) for count in pixels) if sum(pixels) else (),
        class_images=tuple(sum(class_id in counts for counts in read) for class_id in range(highest + 1)),
        groups=len({case.group for case in cases.cases if case.group is not None}),
    )


def _ranked(names: Any) -> dict[str, int]:
    return dict(Counter(names).most_common())
