from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from monai.bundle import ConfigParser

from monai_seg.check import Report, check_data, list_cases

Pairs = Callable[..., Path]


def settings(report: Report) -> dict[str, Any]:
    return {setting.name: setting.value for setting in report.settings}


def test_a_small_binary_set_of_grey_images(pairs: Pairs) -> None:
    found = settings(check_data(list_cases(pairs(6, {"masks/c1.png": np.zeros((24, 32), np.uint8)}))))
    assert found["image_mode"] == "L"
    assert found["mask_encoding"] == {"kind": "binary"}
    assert found["mask_resize"] is None
    assert found["image_size"] == [64, 64]  # 32 px rounded up, but not below two steps of 32
    assert found["out_channels"] == 1
    assert found["positive_share"] == 0.5  # 4 of 6 masks are empty
    assert found["prior"] == pytest.approx(2 * 36 / (6 * 768), rel=0.05)


def test_colour_and_classes(pairs: Pairs, grain: Callable, square: Callable) -> None:
    changes = {f"images/c{number}.png": np.stack([grain(number) // 2, grain(number), grain(number)], axis=-1)
               for number in range(3)} | {"masks/c1.png": square(6, 2), "masks/c2.png": square(6, 1)}
    found = settings(check_data(list_cases(pairs(3, changes))))
    assert found["image_mode"] == "RGB"
    assert found["mask_encoding"] == {"kind": "index", "classes": 3}
    assert (found["out_channels"], found["prior"], found["positive_share"]) == (3, None, None)


@pytest.mark.parametrize(("side", "window"), [(6, 512), (40, 256)])
def test_small_lesions_ask_for_a_larger_window(side: int, window: int, pairs: Pairs, grain: Callable,
                                               square: Callable) -> None:
    size = (400, 400)  # side 6 is (6 * 256 / 400) ** 2 = 15 px at 256, side 40 is 655
    changes = {f"images/c{number}.png": grain(number, size) for number in range(2)} | {
        f"masks/c{number}.png": square(side, size=size) for number in range(2)}
    assert settings(check_data(list_cases(pairs(2, changes))))["image_size"] == [window, window]


@pytest.mark.parametrize("value", [1, 255])
def test_the_loss_can_be_built(value: int, pairs: Pairs, square: Callable) -> None:
    changes = {f"masks/c{number}.png": square(2 * number + 1, value) for number in range(3)}
    loss = settings(check_data(list_cases(pairs(3, changes))))["loss"]
    assert loss["loss"]["_target_"] == "DiceCELoss"  # (1 + 9 + 25) / (3 * 768) = 1.5 % are not rare
    assert ConfigParser({"loss": loss}).get_parsed_content("loss") is not None


@pytest.mark.parametrize(("factor", "a_max"), [(257, None), (16, 4095), (1, 255)])
def test_images_of_16_bits_are_read_over_the_range_they_use(pairs: Pairs, grain: Callable, factor: int,
                                                            a_max: int | None) -> None:
    deep = {f"images/c{number}.png": grain(number).astype(np.uint16) * factor for number in range(4)}
    found = settings(check_data(list_cases(pairs(4, deep))))
    assert found["load_image"] == "%transforms/picture.json::load_image_16"
    assert found.get("intensity", {}).get("a_max") == a_max


def test_mixed_depths_have_no_setting(pairs: Pairs, grain: Callable) -> None:
    found = settings(check_data(list_cases(pairs(4, {"images/c1.png": grain(1).astype(np.uint16) * 257}))))
    assert "load_image" not in found
