"""Whether pictures have a right way up, and a left and a right that must not change places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST = 512  # pictures that are compared
FEWEST = 16  # below, the set is too small to tell
SURE = 0.75  # share of pictures nearer the upright mean, from which all have one way up
SIDED = 0.15  # of the width: how far apart the centres of two classes lie for one to be the left one
ALWAYS = 0.9  # share of the cases in which they do


@dataclass(frozen=True)
class Upright:
    """What the set shows of up and down, left and right.

    Args:
        pictures: that were compared.
        share: of the pictures are nearer the mean of the others as they are than the mean upside down; half by chance.
        has_colour: some pictures show colour.
        sided: names of two classes of which one always lies left of the other, or None.
    """

    pictures: int
    share: float
    has_colour: bool
    sided: tuple[int, int] | None

    @property
    def is_upright(self) -> bool:
        """Whether top and bottom must stay; where the set is too small to tell, grey pictures are taken for films."""
        return self.share >= SURE if self.pictures >= FEWEST else not self.has_colour

    @property
    def reason(self) -> str:
        told = f"{self.share:.0%} of {self.pictures} pictures are nearer the others' mean as they are than upside down"
        if self.pictures < FEWEST:
            kind = "colour" if self.has_colour else "grey"
            return f"not sure: {self.pictures} pictures are too few to tell ({told}), so by their {kind}"
        sure = "sure" if abs(self.share - SURE) > 2 * (0.25 / self.pictures) ** 0.5 else "not sure"
        return f"{sure}: {told}; 50% by chance"


def look_upright(
    thumbs: Sequence[NDArray[np.uint8]], has_colour: bool, centres: Sequence[dict[int, float]] = ()
) -> Upright:
    """Return what ``thumbs``, (32, 32) grey pictures, show; ``centres`` has each class's mean x in 0..1, by mask."""
    chosen = thumbs[:: -(-len(thumbs) // MOST)] if len(thumbs) > MOST else thumbs
    pixels = np.stack([_normed(thumb.astype(np.float64)) for thumb in chosen])
    total, count = pixels.sum(axis=0), len(pixels)
    nearer = 0.0
    for picture in pixels:
        mean = total - picture
        upright, turned = float((picture * mean).sum()), float((picture * mean[::-1]).sum())
        nearer += 0.5 if np.isclose(upright, turned) else float(upright > turned)
    return Upright(count, nearer / count, has_colour, _sided(centres))


def _sided(centres: Sequence[dict[int, float]]) -> tuple[int, int] | None:
    classes = sorted({class_id for one in centres for class_id in one})
    for first in classes:
        for second in classes:
            gaps = np.array([one[second] - one[first] for one in centres if first in one and second in one])
            if first < second and len(gaps) >= FEWEST:
                for sign in (1, -1):
                    if np.mean(sign * gaps > SIDED) >= ALWAYS:
                        return (first, second) if sign == 1 else (second, first)
    return None


def _normed(picture: NDArray[np.float64]) -> NDArray[np.float64]:
    centred = picture - picture.mean()
    return centred / (np.linalg.norm(centred) + 1e-9)
