"""Colours that stay apart for colour-blind eyes, on grey X-rays as on pink tissue."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]  # red, green, blue; 0..255


@dataclass(frozen=True)
class Palette:
    """Colours of an overlay.

    Args:
        classes: colour of class 1, 2, ...; they repeat after the last one. Class 0 is background and is not painted.
            The first four are none of the colours below, so that each means one thing.
        hit: truth and prediction agree on a class other than background.
        missed: truth is there, prediction is background.
        false: prediction is there, truth is background.
        confused: both are there, but of different classes.

    Source:
        Okabe & Ito 2008, "Color Universal Design", https://jfly.uni-koeln.de/color/.
    """

    classes: tuple[Colour, ...] = (
        (240, 228, 66),  # yellow
        (204, 121, 167),  # reddish purple
        (0, 114, 178),  # blue
        (230, 159, 0),  # orange
        (86, 180, 233),  # sky blue
        (0, 158, 115),  # bluish green
        (213, 94, 0),  # vermilion
    )
    hit: Colour = (0, 158, 115)  # bluish green
    missed: Colour = (213, 94, 0)  # vermilion
    false: Colour = (86, 180, 233)  # sky blue
    confused: Colour = (255, 255, 255)  # white

    def of_class(self, class_id: int) -> Colour:
        """Return the colour of class ``class_id``, 1 or more."""
        return self.classes[(class_id - 1) % len(self.classes)]


OKABE_ITO = Palette()
