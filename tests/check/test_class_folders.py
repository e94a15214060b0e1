from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monai_seg.check import check_data, list_cases

Save = Callable[..., Path]


def folder_of(save: Save, grain: Callable, names: dict[str, tuple[str, ...]]) -> Path:
    for number, (case, files) in enumerate(names.items()):
        image = save(f"images/{case}.png", grain(number))
        for row, file in enumerate(files):
            mask = np.zeros((24, 32), np.uint8)
            mask[4 * row + number] = 255
            save(f"masks/{case}/{file}.png", mask)
    return image.parents[1]


@pytest.mark.parametrize(("names", "is_told"), [
    ({"a": ("infection", "lung"), "b": ("infection", "lung"), "c": ("infection", "lung")}, True),
    ({"a": ("infection", "lung"), "b": ("infection", "lung"), "c": ("lung", "x")}, False),
    ({"a": ("1", "2"), "b": ("1", "2")}, False),  # as many instances in each by chance
    ({"a": ("lung",), "b": ("lung",)}, False),
    ({"a": ("infection", "lung")}, False),
])
def test_names_that_all_folders_have_look_like_classes(
    names: dict[str, tuple[str, ...]], is_told: bool, save: Save, grain: Callable
) -> None:
    findings = check_data(list_cases(folder_of(save, grain, names))).findings
    assert [finding.kind for finding in findings] == ["classes in folders"] * is_told
    if is_told:
        assert findings[0].line.endswith("IMAGES MASKS OUT --part 'infection' --part 'lung'")
