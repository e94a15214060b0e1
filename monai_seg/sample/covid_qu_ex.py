"""Twin of COVID-QU-Ex (the part with infection masks): chest X-rays with lung and infection masks, 256 x 256.

Layout (the names hold blanks and brackets, as published):

    {Train,Val,Test}/{COVID-19,Non-COVID,Normal}/images/covid_1 (12).png            grey, 8 bit
    {Train,Val,Test}/{COVID-19,Non-COVID,Normal}/lung masks/covid_1 (12).png        0 and 255
    {Train,Val,Test}/{COVID-19,Non-COVID,Normal}/infection masks/covid_1 (12).png   0 and 255; empty but for COVID-19

An infection lies inside the lung mask. Of 15 cases, 5 are of each class and 9, 3 and 3 of each split.

Source:
    Tahir et al. 2021, https://www.kaggle.com/datasets/anasmohammedtahir/covidqu
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PIL import Image

from monai_seg.sample.chest import Chest, draw_chest
from monai_seg.sample.deal import place
from monai_seg.sample.fields import Array, make_rng
from monai_seg.sample.film import View, expose
from monai_seg.sample.opacities import add_consolidation, add_ground_glass
from monai_seg.sample.storage import Content, as_mask

STEMS = {"COVID-19": "covid_1", "Non-COVID": "non_COVID", "Normal": "Normal"}
SPLITS = ("Train", "Train", "Train", "Val", "Test")
BLOCK = len(STEMS) * len(SPLITS)


def write(seed: int, cases: int, size: int) -> Iterator[Content]:
    """Yield the three files of each case in turn."""
    for index in range(cases):
        split, kind = assign(seed, index)
        film, lungs, infection = draw_case(seed, index, size)
        name = f"{STEMS[kind]} ({index + 1}).png"
        yield {
            f"{split}/{kind}/images/{name}": film,
            f"{split}/{kind}/lung masks/{name}": as_mask(lungs),
            f"{split}/{kind}/infection masks/{name}": as_mask(infection),
        }


def assign(seed: int, index: int) -> tuple[str, str]:
    """Return split and class of case ``index``."""
    part, kind = divmod(place(seed, index, BLOCK), len(STEMS))
    return SPLITS[part], list(STEMS)[kind]


def draw_case(seed: int, index: int, size: int) -> tuple[Image.Image, Array, Array]:
    """Return the film (grey, ``size`` x ``size``), the lung mask and the infection mask (bool) of case ``index``."""
    rng = make_rng(seed, 11, index)
    chest = draw_chest(rng, size)
    view = View.choose(rng)
    infection = _add_disease(rng, chest, assign(seed, index)[1])
    film = expose(rng, view.project(chest.attenuation(), size))
    lungs = view.project(chest.cover.sum(axis=0), size) > 0.5
    return film, lungs, lungs & (view.project(infection, size) > 0.5)


def _add_disease(rng: np.random.Generator, chest: Chest, kind: str) -> Array:
    if kind == "COVID-19":
        return add_ground_glass(rng, chest)
    if kind == "Non-COVID":
        add_consolidation(rng, chest)
    return np.zeros_like(chest.air)
