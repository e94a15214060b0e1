from __future__ import annotations

import numpy as np
import pytest

from monai_seg.sample.fields import make_rng
from monai_seg.sample.film import View, expose
from monai_seg.sample.frame import frame, to_pixels


def test_a_plain_view_shows_the_middle_of_the_frame():
    u, v = frame(122)
    film = View(tilt=0.0, zoom=1.0, shift=(0.0, 0.0)).project(u + 0 * v, 100)  # 1.22 beyond: 100 of 122 pixels
    assert film[:, 0] == pytest.approx(-0.99, abs=0.01) and film[:, -1] == pytest.approx(0.99, abs=0.01)


def test_zoom_brings_nearer_and_shift_looks_elsewhere():
    u, v = frame(122)
    film = View(tilt=0.0, zoom=2.0, shift=(0.25, 0.0)).project(u + 0 * v, 100)
    assert film[50, 0] == pytest.approx(0.25 - 0.5, abs=0.02) and film[50, -1] == pytest.approx(0.25 + 0.5, abs=0.02)


def test_points_lie_where_the_frame_has_them():
    u, v = frame(64)
    column, row = to_pixels(np.array([u[0, 10], v[20, 0]]), 64)
    assert (column, row) == pytest.approx((10.5, 20.5), abs=1e-3)


@pytest.mark.parametrize("seed", range(5))
def test_a_film_is_8_bit_and_keeps_bright_above_dark(seed: int):
    attenuation = np.full((64, 64), 0.2, dtype=np.float32)
    attenuation[20:40, 20:40] = 0.7
    film = expose(make_rng(seed), attenuation)
    grey = np.asarray(film, dtype=float)
    assert film.mode == "L"
    assert grey[25:35, 25:35].mean() > grey[45:55, 25:35].mean() + 40
