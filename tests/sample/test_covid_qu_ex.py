from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from monai_seg.sample.covid_qu_ex import assign, draw_case

KINDS = {"COVID-19": r"covid_1 \(\d+\)\.png", "Non-COVID": r"non_COVID \(\d+\)\.png", "Normal": r"Normal \(\d+\)\.png"}


def read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        assert picture.mode == "L"
        return np.asarray(picture)


def test_layout_encodings_and_nesting(twins: Callable[..., Path]):
    folder = twins("covid_qu_ex", 15)
    images = sorted(folder.glob("*/*/images/*.png"))
    assert len(images) == 15
    assert {path.parts[-4] for path in images} == {"Train", "Val", "Test"}
    for path in images:
        kind = path.parts[-3]
        assert re.fullmatch(KINDS[kind], path.name)
        lungs, infection = (read(path.parents[1] / part / path.name) for part in ("lung masks", "infection masks"))
        assert read(path).shape == lungs.shape == infection.shape == (64, 64)
        assert set(np.unique(lungs)) == {0, 255} and set(np.unique(infection)) <= {0, 255}
        assert (infection == 255).any() == (kind == "COVID-19")
        assert not ((infection == 255) & (lungs == 0)).any()


def test_shares_of_classes_and_splits():
    dealt = [assign(5, index) for index in range(150)]
    assert Counter(kind for _, kind in dealt) == {"COVID-19": 50, "Non-COVID": 50, "Normal": 50}
    assert Counter(split for split, _ in dealt) == {"Train": 90, "Val": 30, "Test": 30}


def test_no_grey_value_finds_the_infection(best_threshold_dice: Callable[..., float]):
    cases = [draw_case(0, index, 96) for index in range(45) if assign(0, index)[1] == "COVID-19"]
    films, _, infections = zip(*cases, strict=True)
    assert min(mask.mean() for mask in infections) > 0.01
    assert best_threshold_dice([np.asarray(film) for film in films], list(infections)) < 0.4
