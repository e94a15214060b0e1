from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from skimage.color import rgb2lab

from monai_seg.figures.palette import OKABE_ITO

# Machado, Oliveira, Fernandes 2009, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# severity 1.0; they act on linear RGB
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
}  # fmt: skip


def seen_by(colour, vision):
    """Return the CIELAB coordinates of an sRGB colour as such eyes see it."""
    srgb = np.array(colour) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(VISION[vision] @ linear, 0, 1)
    return rgb2lab(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055))


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colours", [
    (OKABE_ITO.hit, OKABE_ITO.missed, OKABE_ITO.false, OKABE_ITO.confused),
    OKABE_ITO.classes[:3],
], ids=["errors", "classes"])  # fmt: skip
def test_colours_stay_apart(vision, colours):
    for one, other in combinations(colours, 2):
        distance = np.linalg.norm(seen_by(one, vision) - seen_by(other, vision))
        assert distance > 20  # about 2 is just noticeable; the closest are purple and blue in protanopia, 22.7


def test_class_colours_are_no_error_colours_and_repeat_at_the_end():
    errors = {OKABE_ITO.hit, OKABE_ITO.missed, OKABE_ITO.false, OKABE_ITO.confused}
    assert not errors & set(OKABE_ITO.classes[:4])
    assert OKABE_ITO.of_class(1) == OKABE_ITO.classes[0] == OKABE_ITO.of_class(len(OKABE_ITO.classes) + 1)
