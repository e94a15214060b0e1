"""How thick the structures of masks are, and whether that grows with the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.errors import InputError

SPREAD = 1.5  # ratio of the sizes' tenth and ninetieth part from which they tell whether thickness grows with them
FEWEST = 8


@dataclass(frozen=True)
class Shapes:
    """What masks show, case by case; one entry for each mask that shows something.

    Args:
        sides: longer side of the picture in px.
        thickness: 4 area / perimeter of all that is no background, in px: the diameter of discs, twice a line's width.
        centres: class -> mean x in 0..1 of its pixels.
        read: masks looked at, empty ones included.
    """

    sides: NDArray[np.float64]
    thickness: NDArray[np.float64]
    centres: Sequence[dict[int, float]]
    read: int

    def thin_at(self, window: int) -> float:
        """Return the thickness in px that nine of ten masks exceed when pictures are fitted into ``window``."""
        if not self.sides.size:
            return float("inf")
        return float(np.quantile(self.thickness * np.minimum(1.0, window / self.sides), 0.1))

    @property
    def growth(self) -> float | None:
        """Exponent by which thickness grows with the picture: 1 where pictures are scaled copies, 0 where each shows
        more at one magnification; None where sizes differ too little to tell."""
        if len(self.sides) < FEWEST:
            return None
        low, high = np.quantile(self.sides, [0.1, 0.9])
        if high < SPREAD * low:
            return None
        return float(np.polyfit(np.log(self.sides), np.log(self.thickness), 1)[0])


def look_at_shapes(labels: Sequence[Any], encoding: Mapping[str, Any]) -> Shapes:
    """Decode the masks ``labels`` and return their shapes; those that cannot be read are left out."""
    kind = parse_encoding(encoding)
    sides, thickness, centres, read = [], [], [], 0
    for label in labels:
        try:
            mask = kind.decode(kind.load(label if isinstance(label, str) else list(label)))
        except InputError:
            continue
        read += 1
        if not mask.any():
            continue
        sides.append(float(max(mask.shape)))
        thickness.append(thickness_px(mask > 0))
        centres.append(_centres(mask))
    return Shapes(np.array(sides), np.array(thickness), centres, read)


def thickness_px(region: NDArray[np.bool_]) -> float:
    """Return 4 area / perimeter of (H, W) ``region``; the picture's own border counts as no edge of it.

    The perimeter is that of pixel squares times pi/4, which is right on average over all directions.
    """
    edges = np.count_nonzero(region[1:] != region[:-1]) + np.count_nonzero(region[:, 1:] != region[:, :-1])
    return 4 * np.count_nonzero(region) / max(1.0, edges * np.pi / 4)


def _centres(mask: NDArray[np.uint8]) -> dict[int, float]:
    columns = np.arange(mask.shape[1])
    found = {}
    for class_id in np.unique(mask[mask > 0]).tolist():
        counts = (mask == class_id).sum(axis=0)
        found[class_id] = float((counts * columns).sum() / counts.sum() / max(1, mask.shape[1] - 1))
    return found
