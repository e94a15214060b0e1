"""Twin of the COVID-19 Radiography Database: the class is the folder, the mask is the lungs.

Layout (each at its published size, of which the twin's ``size`` is the first):

    {COVID,Lung_Opacity,Normal,Viral Pneumonia}/images/COVID-1.png   299 x 299, grey, about one in 16 RGB
    {COVID,Lung_Opacity,Normal,Viral Pneumonia}/masks/COVID-1.png    256 x 256, RGB, 0 and 255: the lungs

Every class shows in the image: patches near the ribs of both lungs, one dense lobe, nothing, streaks around the hila.
Of 20 cases, 4, 5, 8 and 3 are of these classes (of the 21,165 public ones 17, 28, 48 and 6 %).

Source:
    Rahman et al. 2021, https://www.kaggle.com/datasets/tawsifurrahman/covid19-radiography-database
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from monai_seg.sample.chest import Chest, draw_chest
from monai_seg.sample.deal import place
from monai_seg.sample.fields import Array, make_rng
from monai_seg.sample.film import View, expose
from monai_seg.sample.opacities import add_consolidation, add_ground_glass, add_streaks
from monai_seg.sample.storage import Content, as_mask

BLOCK = 20
MASK_SIDE = 256 / 299  # of the image's side
RGB_SHARE = 1 / 16


@dataclass(frozen=True)
class Kind:
    """One class: its folder and first part of names, its cases in a block, and what its disease adds."""

    name: str
    cases: int
    draw: Callable[[np.random.Generator, Chest], Array] | None


KINDS = (
    Kind("COVID", 4, add_ground_glass),
    Kind("Lung_Opacity", 5, add_consolidation),
    Kind("Normal", 8, None),
    Kind("Viral Pneumonia", 3, add_streaks),
)


def write(seed: int, cases: int, size: int) -> Iterator[Content]:
    """Yield image and mask of each case in turn."""
    for index in range(cases):
        kind, number = assign(seed, index)
        film, lungs = draw_case(seed, index, size)
        name = f"{kind.name}-{number}.png"
        yield {f"{kind.name}/images/{name}": film, f"{kind.name}/masks/{name}": as_mask(lungs).convert("RGB")}


def assign(seed: int, index: int) -> tuple[Kind, int]:
    """Return the class of case ``index`` and its number in that class, from 1."""
    rank = place(seed, index, BLOCK)
    for kind in KINDS:
        if rank < kind.cases:
            return kind, index // BLOCK * kind.cases + rank + 1
        rank -= kind.cases
    raise AssertionError("the classes fill the block")


def draw_case(seed: int, index: int, size: int) -> tuple[Image.Image, Array]:
    """Return the film (``size`` x ``size``) and the lung mask (bool, 256/299 of it) of case ``index``."""
    rng = make_rng(seed, 21, index)
    chest = draw_chest(rng, size)
    view, coloured = View.choose(rng), rng.random() < RGB_SHARE
    kind, _ = assign(seed, index)
    if kind.draw is not None:
        kind.draw(rng, chest)
    film = expose(rng, view.project(chest.attenuation(), size))
    lungs = view.project(chest.cover.sum(axis=0), round(size * MASK_SIDE)) > 0.5
    return film.convert("RGB") if coloured else film, lungs
