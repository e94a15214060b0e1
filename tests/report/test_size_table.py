from __future__ import annotations

import re

import pytest

from monai_seg.report.size_table import size_tables


def rows(end: str = "", missed: int = 0) -> dict[str, dict[str, str]]:
    found = {f"small_max_area_px{end}": {"value": "100"}, f"medium_max_area_px{end}": {"value": "2500"}}
    for number, size in enumerate(("small", "medium", "large"), start=1):
        found[f"images_{size}{end}"] = {"value": str(number)}
        for name in ("dice", "iou", "surface_dice", "recall", "miss_rate"):
            found[f"{name}_{size}{end}"] = {"value": f"0.{number}", "low": "0.05", "high": "0.95", "undefined": "0"}
        found[f"hd95_{size}{end}"] = {"value": "", "low": "", "high": "", "undefined": str(missed)}
    return found


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html))


def test_each_score_stands_beside_those_of_other_sizes() -> None:
    said = text(size_tables(rows(missed=2)))
    assert "small to 100 px medium to 2,500 px large above 2,500 px images 1 2 3" in said
    assert "Dice 0.100 0.050 – 0.950 0.200 0.050 – 0.950 0.300 0.050 – 0.950" in said
    assert said.count("undefined 2 undefined") == 3, "HD95 of a split in which all were missed"


def test_each_class_has_a_table() -> None:
    html = size_tables({**rows(), **rows("_nucleus"), **rows("_<b>")})
    assert html.count("<table") == 3
    assert "By lesion size: nucleus" in html and "By lesion size: &lt;b&gt;" in html and "<b>&gt;" not in html


@pytest.mark.parametrize("summary", [{}, {"images_small": {"value": "0"}}, {"dice_small": {"value": "0.5"}}])
def test_nothing_to_part_is_no_table(summary: dict) -> None:
    assert size_tables(summary) == ""


def test_sizes_without_images_are_left_out() -> None:
    found = rows()
    found["images_medium"]["value"] = found["images_large"]["value"] = "0"
    assert "medium" not in text(size_tables(found))
