from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from monai_seg.report.chart import BOTTOM, HEIGHT, LEFT, MOST_POINTS, RIGHT, TOP, WIDTH, Chart
from monai_seg.report.scale import Scale


def make() -> Chart:
    return Chart("a < b", "epoch", "Dice & co", Scale(0, 10), Scale(0, 1))


def svg_of(html: str) -> ET.Element:
    return ET.fromstring(re.search(r"<svg viewBox.*?</svg>", html, re.S).group())  # well formed, or this raises


def test_a_point_lies_where_the_axes_say():
    chart = make()
    chart.line([0, 10], [0, 1], "up")
    (points,) = (line.get("points") for line in svg_of(chart.figure("")).iter("polyline"))
    assert points == f"{LEFT}.0,{HEIGHT - BOTTOM}.0 {WIDTH - RIGHT}.0,{TOP}.0"


def test_unknown_values_are_bridged_and_none_draws_nothing():
    chart = make()
    chart.line([0, 5, 10], [0, np.nan, 1], "bridged")
    chart.line([0, 1], [np.nan, np.nan], "nothing")
    html = chart.figure("")
    (line,) = svg_of(html).iter("polyline")
    assert len(line.get("points").split()) == 2
    assert "bridged" in html and "nothing" not in html


def test_long_lines_keep_their_extremes_and_stay_small():
    values = np.full(50_000, 0.5)
    values[[1234, 40_000]] = 0.0, 1.0
    chart = make()
    chart.line(np.linspace(0, 10, values.size), values, "batches", faint=True)
    (line,) = svg_of(chart.figure("")).iter("polyline")
    tops = {float(point.partition(",")[2]) for point in line.get("points").split()}
    assert {float(TOP), float(HEIGHT - BOTTOM)} <= tops
    assert len(line.get("points").split()) <= MOST_POINTS


def test_ten_thousand_dots_are_one_small_path():
    random = np.random.default_rng(0)
    chart = make()
    chart.dots(random.uniform(0, 10, 10_000), random.uniform(0, 1, 10_000), "cases")
    html = chart.figure("")
    assert len(html) < 150_000
    svg_of(html)


def test_names_are_escaped_and_read_aloud():
    html = make().figure('says "so"')
    svg = svg_of(html)
    assert svg.get("role") == "img" and svg.get("aria-label") == 'a < b. says "so"'
    assert {"epoch", "Dice & co"} <= {text.text for text in svg.iter("text")}


def test_lines_differ_by_more_than_colour():
    chart = make()
    for name in "abcd":
        chart.line([0, 10], [0, 1], name)
    dashes = [line.get("stroke-dasharray") for line in svg_of(chart.figure("")).iter("polyline")]
    assert len(set(dashes)) == 4


def test_what_lies_outside_is_put_on_the_frame():
    chart = make()
    chart.line([0, 10], [-5, 9], "wild")
    (line,) = svg_of(chart.figure("")).iter("polyline")
    assert [float(point.partition(",")[2]) for point in line.get("points").split()] == pytest.approx(
        [HEIGHT - BOTTOM, TOP])
