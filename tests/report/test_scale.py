from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monai_seg.report.scale import Scale, scale_of, tick_text


def test_places_and_ticks_by_hand():
    assert Scale(0, 10).place([0, 5, 10]).tolist() == [0, 0.5, 1]
    assert Scale(1, 100, log=True).place([1, 10, 100]).tolist() == [0, 0.5, 1]
    assert Scale(0, 1).ticks() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert Scale(1, 2000, log=True).ticks() == [1, 10, 100, 1000]
    assert Scale(0.9, 3.1, whole=True).ticks() == [1, 2, 3]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_lie_on_the_axis_and_are_few(low: float, width: float):
    scale = Scale(low, low + width)
    ticks = scale.ticks()
    assert len(ticks) <= 8
    assert all(-1e-6 <= place <= 1 + 1e-6 for place in scale.place(ticks))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_all_values_lie_on_their_scale(values: list[float]):
    places = scale_of([values]).place(values)
    assert ((places >= 0) & (places <= 1)).all()


def test_what_is_no_number_does_not_count():
    assert scale_of([[np.nan, 2, 4], [np.inf]], margin=0) == Scale(2, 4)
    assert scale_of([[0, -3, 10, 1000]], log=True, margin=0) == Scale(10, 1000, log=True)
    assert scale_of([]) == Scale(0, 1)
    one = scale_of([[5, 5]])
    assert one.place(5) == pytest.approx(0.5)


@pytest.mark.parametrize("arguments", [(1, 1), (2, 1), (0, np.inf), (0, 1, True)])
def test_an_axis_goes_up(arguments: tuple):
    with pytest.raises(ValueError, match=r"must lie below high|begins above 0"):
        Scale(*arguments)


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (0.25, "0.25"), (20000, "20k"), (1.5e6, "1.5M"), (1e-5, "1e-5"),
                                             (0.30000000000000004, "0.3"), (-3, "-3")])
def test_numbers_are_written_short(value: float, text: str):
    assert tick_text(value) == text
