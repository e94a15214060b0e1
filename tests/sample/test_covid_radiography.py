from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from monai_seg.sample.chest import draw_chest
from monai_seg.sample.covid_radiography import KINDS, assign
from monai_seg.sample.fields import make_rng

NAMES = {"COVID", "Lung_Opacity", "Normal", "Viral Pneumonia"}


def test_layout_and_encodings(twins: Callable[..., Path]):
    folder = twins("covid_radiography", 40, size=74)
    assert {path.name for path in folder.iterdir() if path.is_dir()} == NAMES
    images = sorted(folder.glob("*/images/*.png"))
    assert len(images) == 40
    modes = Counter()
    for path in images:
        with Image.open(path) as image, Image.open(path.parents[1] / "masks" / path.name) as mask:
            modes[image.mode] += 1
            assert image.size == (74, 74) and mask.size == (63, 63)  # 74 * 256 / 299 = 63.4
            assert mask.mode == "RGB"
            red, green, blue = np.moveaxis(np.asarray(mask), -1, 0)
            assert np.array_equal(red, green) and np.array_equal(red, blue) and set(np.unique(red)) == {0, 255}
    assert modes.keys() == {"L", "RGB"} and modes["RGB"] < 10


def test_the_published_sizes_are_the_default(twins: Callable[..., Path]):
    folder = twins("covid_radiography", 1, size=299)
    shapes = {path.parent.name: np.asarray(Image.open(path)).shape[:2] for path in folder.rglob("*.png")}
    assert shapes == {"images": (299, 299), "masks": (256, 256)}


def test_names_count_each_class_from_one():
    numbers = defaultdict(set)
    for index in range(60):
        kind, number = assign(2, index)
        numbers[kind.name].add(number)
    assert numbers.keys() == NAMES
    assert {name: len(found) for name, found in numbers.items()} == {kind.name: 3 * kind.cases for kind in KINDS}
    assert all(found == set(range(1, len(found) + 1)) for found in numbers.values())


def test_each_disease_brightens_the_lungs_in_its_own_place():
    for kind in KINDS:
        if kind.draw is None:
            continue
        rng, chest, healthy = make_rng(1), draw_chest(make_rng(0), 96), draw_chest(make_rng(0), 96).attenuation()
        cover = kind.draw(rng, chest)
        added = chest.attenuation() - healthy
        assert added[cover > 0.9].mean() > 0.02, kind.name
        assert np.allclose(added[cover == 0], 0, atol=1e-6), kind.name
        sides = [(cover * lung > 0.5).any() for lung in chest.cover]
        assert sum(sides) == (1 if kind.name == "Lung_Opacity" else 2), kind.name
