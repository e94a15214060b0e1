"""The numbers of a data set that a plan is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from monai_seg.check.check_data import Report
from monai_seg.check.table import rows
from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.plan.shapes import Shapes, look_at_shapes
from monai_seg.plan.spread import spread
from monai_seg.plan.upright import Upright, look_upright

MOST_MASKS = 96  # that are decoded once more


@dataclass(frozen=True)
class Fingerprint:
    """A data set in numbers.

    Args:
        report: of the check.
        encoding: how masks are stored.
        shapes, upright: what masks and pictures show.
        training, validation: cases.
        validation_windows: network inputs that a validation takes; more than cases where windows slide.
    """

    report: Report
    encoding: Mapping[str, Any]
    shapes: Shapes
    upright: Upright
    training: int
    validation: int
    validation_windows: int = 0

    @property
    def classes(self) -> int:
        """Number of classes, background included."""
        return parse_encoding(self.encoding).classes

    @property
    def is_binary(self) -> bool:
        return self.classes == 2

    @property
    def sides(self) -> list[int]:
        """Longer side of each picture."""
        return [max(fact.image.size) for fact in self.report.facts if fact.image is not None]

    @property
    def foreground(self) -> float:
        """Share of all pixels that are not background."""
        return 1 - self.report.summary.class_pixels[0]

    @property
    def all_foreground_dice(self) -> float:
        """Mean Dice of calling every pixel foreground, 2a / (1 + a) for a share a: what a score must beat."""
        areas = self.report.summary.areas
        return float(np.mean(2 * areas / (1 + areas)))

    def rows(self) -> list[tuple[str, str]]:
        """Return the numbers in words."""
        growth = self.shapes.growth
        told = [*rows(self.report.summary)]
        if self.shapes.sides.size:
            low, middle, high = np.quantile(self.shapes.thickness, [0.1, 0.5, 0.9])
            told.append(("thickness of structures", f"median {middle:.0f} px, 80 % between {low:.0f} and {high:.0f} px "
                         f"({len(self.shapes.sides)} masks)"))
        if growth is not None:
            told.append(("thickness and size of the picture", f"grows by the power {growth:.2f}: 1 for scaled copies, "
                         "0 for one magnification"))
        return told


def take_fingerprint(report: Report, training: int, validation: int) -> Fingerprint:
    """Return the fingerprint of a checked set that has an encoding, with so many cases to train and validate."""
    assert report.encoding is not None
    labels = spread([case.label for case in report.cases.cases], MOST_MASKS)
    shapes = look_at_shapes(labels, report.encoding)
    images = [fact.image for fact in report.facts if fact.image is not None]
    upright = look_upright([image.thumb for image in images], any(image.has_colour for image in images),
                           shapes.centres)
    return Fingerprint(report, report.encoding, shapes, upright, training, validation, validation)
