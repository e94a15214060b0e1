from __future__ import annotations

import math

import pytest

from monai_seg.handlers.epoch_line import epoch_line, in_words, short_power, short_speed


def test_everything_that_is_known():
    line = epoch_line(3, 20, 0.4123, {"val_dice": 0.71, "val_dice_positive": 0.62}, 1e-3, 41.2, (0.73, 2))
    assert line == (
        "epoch 3/20  loss 0.412  val_dice 0.710  val_dice_positive 0.620  lr 1e-3  41 img/s  best 0.730 (epoch 2)"
    )


def test_what_is_unknown_is_left_out():
    assert epoch_line(3, None) == "epoch 3"


@pytest.mark.parametrize("value, text", [
    (1e-3, "1e-3"), (1 / 3000, "3.33e-4"), (0.00099999, "1e-3"), (2.0, "2e0"), (0.0, "0"), (math.nan, "nan"),
])  # fmt: skip
def test_short_power(value, text):
    assert short_power(value) == text


@pytest.mark.parametrize("value, text", [(27_300.4, "27300"), (41.2, "41"), (0.83, "0.8")])
def test_short_speed(value, text):
    assert short_speed(value) == text


@pytest.mark.parametrize("seconds, text", [
    (0.2, "0 s"), (45.4, "45 s"), (59.7, "1 min"), (725, "12 min"), (3599, "1 h 00 min"),
    (3 * 3600 + 5 * 60, "3 h 05 min"),
])  # fmt: skip
def test_in_words(seconds, text):
    assert in_words(seconds) == text
