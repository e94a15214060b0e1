from __future__ import annotations

import numpy as np
import pytest

from monai_seg.figures.palette import OKABE_ITO
from monai_seg.figures.panels import DIM, ERROR_FILL, FILL, HIT_FILL, as_picture, draw_panels, outline


def blend(under, colour, share):
    return np.rint((1 - share) * np.asarray(under) + share * np.asarray(colour)).astype(np.uint8).tolist()


def test_each_kind_of_error_has_its_colour():
    image = np.full((1, 1, 5), 100, np.uint8)
    label = np.array([[0, 1, 1, 0, 1]])
    pred = np.array([[0, 1, 0, 1, 2]])
    errors = draw_panels(image, label, pred)["errors"][0].tolist()
    dimmed = [round(100 * DIM)] * 3
    assert errors == [
        dimmed,
        blend(dimmed, OKABE_ITO.hit, HIT_FILL),
        blend(dimmed, OKABE_ITO.missed, ERROR_FILL),
        blend(dimmed, OKABE_ITO.false, ERROR_FILL),
        blend(dimmed, OKABE_ITO.confused, ERROR_FILL),
    ]


def test_a_region_is_filled_lightly_and_outlined_fully():
    image = np.full((3, 7, 7), 50, np.uint8)
    label = np.zeros((1, 7, 7), np.uint8)
    label[0, 1:6, 1:6] = 2
    truth = draw_panels(image, label, label)["truth"]
    colour = OKABE_ITO.of_class(2)
    assert truth[1, 1].tolist() == list(colour) == truth[5, 3].tolist()
    assert truth[3, 3].tolist() == blend([50] * 3, colour, FILL)
    assert truth[0, 3, 0] < 50  # the dark casing
    assert truth[0, 0].tolist() == [50] * 3


def test_equal_masks_show_no_error_colours():
    rng = np.random.default_rng(0)
    label = rng.integers(0, 3, (8, 8))
    panels = draw_panels(rng.random((3, 8, 8)), label, label)
    np.testing.assert_array_equal(panels["truth"], panels["prediction"])
    hit = blend([0, 0, 0], OKABE_ITO.hit, HIT_FILL)
    background = panels["errors"][label == 0]
    assert (background == background[:, :1]).all()  # grey
    lift = panels["errors"][label > 0].astype(int) - hit
    assert (lift >= -1).all() and (lift.max(axis=1) - lift.min(axis=1) <= 1).all()  # grey under one colour


def test_without_truth_there_are_image_and_prediction():
    panels = draw_panels(np.zeros((1, 4, 6)), None, np.ones((1, 4, 6)))
    assert list(panels) == ["image", "prediction"]
    assert {panel.shape for panel in panels.values()} == {(4, 6, 3)}


def test_an_outline_lies_inside_and_stays_open_at_the_border():
    mask = np.array([
        [1, 1, 1, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 0, 0],
    ])  # fmt: skip
    assert outline(mask, 1).astype(int).tolist() == [[0, 0, 1, 0, 0]] * 3
    assert outline(mask, 2).astype(int).tolist() == [[0, 1, 1, 0, 0]] * 3


def test_two_classes_that_touch_are_both_outlined():
    assert outline(np.array([[1, 1, 2, 2]]), 1).tolist() == [[False, True, True, False]]


@pytest.mark.parametrize("width_px", [1, 5])
def test_an_image_thinner_than_the_line_is_no_error(width_px):
    assert not outline(np.ones((1, 1), int), width_px).any()


def test_grey_becomes_three_equal_channels_and_floats_become_bytes():
    assert as_picture(np.array([[[0.0, 0.5, 1.0]]])).tolist() == [[[0] * 3, [128] * 3, [255] * 3]]
    colour = np.arange(6, dtype=np.uint8).reshape(3, 1, 2)
    assert as_picture(colour).tolist() == [[[0, 2, 4], [1, 3, 5]]]


def test_the_input_is_not_painted_on():
    image, label = np.full((3, 4, 4), 9, np.uint8), np.eye(4, dtype=np.uint8)
    draw_panels(image, label, 1 - label)
    assert (image == 9).all() and (label == np.eye(4)).all()


@pytest.mark.parametrize("image, label, pred, cause", [
    (np.zeros((2, 4, 4)), None, np.zeros((4, 4)), r"image must be \(C, H, W\) with C 1 or 3, got \(2, 4, 4\)"),
    (np.full((1, 4, 4), 255.0), None, np.zeros((4, 4)), r"float in \[0, 1\], got float64 in \[255.0, 255.0\]"),
    (np.full((1, 4, 4), np.nan), None, np.zeros((4, 4)), "got float64 in"),
    (np.full((1, 4, 4), 7, np.int16), None, np.zeros((4, 4)), "got int16"),
    (np.zeros((1, 4, 4)), np.zeros((4, 5)), np.zeros((4, 4)), r"label must be .* = \(4, 4\), got \(4, 5\)"),
    (np.zeros((1, 4, 4)), np.zeros((4, 4)), np.full((4, 4), 0.4), "pred must hold class ids"),
    (np.zeros((1, 4, 4)), np.full((4, 4), -1), np.zeros((4, 4)), "label must hold class ids"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_named(image, label, pred, cause):
    with pytest.raises(ValueError, match=cause):
        draw_panels(image, label, pred)
