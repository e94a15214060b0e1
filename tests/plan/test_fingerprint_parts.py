"""Thickness, upright, groups: what sets show, on pictures whose answer is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from discs import disc
from PIL import Image

from monai_seg.plan.grouping import front_of, group_reading
from monai_seg.plan.shapes import look_at_shapes, thickness_px
from monai_seg.plan.upright import FEWEST, look_upright


def big_disc(radius: float, side: int = 200) -> np.ndarray:
    rows, columns = np.ogrid[:side, :side]
    return np.hypot(rows - side / 2, columns - side / 2) < radius


def test_the_thickness_of_a_disc_is_its_diameter():
    assert thickness_px(big_disc(60)) == pytest.approx(120, rel=0.03)


def test_the_thickness_of_a_line_is_about_twice_its_width():
    line = np.zeros((100, 300), bool)
    line[40:46, 10:290] = True  # 4 * 6 * 280 / (pi/4 * 2 * 286)
    assert thickness_px(line) == pytest.approx(4 * 6 * 280 / (np.pi / 4 * 2 * 286))


@pytest.mark.parametrize("scaled", [True, False])
def test_thickness_grows_with_scaled_copies_alone(tmp_path: Path, scaled: bool):
    labels = []
    for number, side in enumerate(np.linspace(100, 400, 12).astype(int).tolist()):
        labels.append(str(tmp_path / f"{number}.png"))
        Image.fromarray(big_disc(side / 5 if scaled else 18, side).astype(np.uint8) * 255).save(labels[-1])
    shapes = look_at_shapes(labels, {"kind": "binary"})
    assert shapes.growth == pytest.approx(1 if scaled else 0, abs=0.05)
    assert shapes.thin_at(100) < shapes.thin_at(400)


def test_one_size_of_pictures_tells_nothing_of_growth(tmp_path: Path):
    labels = [str(tmp_path / f"{number}.png") for number in range(10)]
    for number, label in enumerate(labels):
        Image.fromarray(disc(number)).save(label)
    assert look_at_shapes(labels, {"kind": "binary"}).growth is None


def films(count: int) -> list[np.ndarray]:
    """Dark on top, bright below, with grain."""
    slope = np.linspace(40, 200, 32)[:, None]
    return [np.clip(slope + np.random.default_rng(seed).normal(0, 20, (32, 32)), 0, 255).astype(np.uint8)
            for seed in range(count)]


def test_pictures_of_one_way_up_are_upright_and_turned_ones_are_not():
    assert look_upright(films(40), False).share == 1.0
    turned = [film[:: (-1) ** number] for number, film in enumerate(films(40))]
    found = look_upright(turned, False)
    assert not found.is_upright and found.share < 0.75


@pytest.mark.parametrize("has_colour", [True, False])
def test_few_pictures_are_judged_by_their_colour_and_said_to_be_unsure(has_colour: bool):
    found = look_upright(films(FEWEST - 1), has_colour)
    assert found.is_upright is not has_colour
    assert found.reason.startswith("not sure: 15 pictures are too few")


def test_a_class_that_always_lies_left_is_found():
    centres = [{1: 0.7, 2: 0.3 + 0.01 * (number % 5)} for number in range(20)]
    assert look_upright(films(20), False, centres).sided == (2, 1)
    mixed = [{1: 0.7, 2: 0.3} if number % 2 else {1: 0.3, 2: 0.7} for number in range(20)]
    assert look_upright(films(20), False, mixed).sided is None


@pytest.mark.parametrize(("stem", "front"), [
    ("patient07_3", "patient07"), ("p1-slice12", "p1"), ("ISIC_0012388", "ISIC"), ("007", None), ("scan", None),
    ("a/b_c_2", "b_c"),
])  # fmt: skip
def test_the_front_of_a_name(stem: str, front: str | None):
    assert front_of(stem) == front


def test_numbered_fronts_are_patients_and_one_word_for_all_is_none():
    thumbs = films(20)
    assert group_reading([f"ISIC_{number:07d}" for number in range(20)], thumbs) is None
    found = group_reading([f"p{number // 4}_{number % 4}" for number in range(20)], thumbs)
    assert found is not None and found.answer == "yes" and found.chosen["p3_1"] == "p3"
    assert found.evidence.startswith("20 images in 5 groups such as 'p0', 20 of the names numbered")


def test_words_are_patients_only_where_their_images_are_alike():
    words = ["anna", "bert", "cleo", "dora", "emil"]
    stems = [f"{words[number // 4]}_{number % 4}" for number in range(20)]
    base = [np.random.default_rng(number).integers(0, 256, (32, 32), dtype=np.uint8) for number in range(5)]
    alike = [np.roll(base[number // 4], number % 2, axis=1) // 2 + base[number // 4] // 2 for number in range(20)]
    found = group_reading(stems, alike)
    assert found is not None and found.answer == "yes"
    unlike = [np.random.default_rng(99 + number).integers(0, 256, (32, 32), dtype=np.uint8) for number in range(20)]
    found = group_reading(stems, unlike)
    assert found is not None and found.answer == "no" and found.chosen == {}


@pytest.mark.parametrize(("folders", "answer"), [(10, "yes"), (5, "no")])  # a few folders are as likely kinds
def test_the_folder_of_an_image_is_the_patient_where_there_are_many(folders: int, answer: str):
    names = [f"p{number % folders}/{number}" for number in range(20)]
    found = group_reading(names, films(20))
    assert found is not None and found.question == "is the folder of an image the patient?"
    assert found.answer == answer and found.choices["yes"]["p1/11"] == "p1"
