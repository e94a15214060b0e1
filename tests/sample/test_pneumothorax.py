from __future__ import annotations

import numpy as np
import pytest

from monai_seg.sample.chest import draw_chest
from monai_seg.sample.fields import make_rng
from monai_seg.sample.frame import frame
from monai_seg.sample.lung import choose_lungs
from monai_seg.sample.pneumothorax import KINDS, Collapse, add_pneumothorax, choose_collapse


@pytest.mark.parametrize("kind", KINDS)
def test_more_collapse_means_more_air(kind: str):
    lung = choose_lungs(make_rng(0))[0]
    u, v = frame(96)
    inside = lung.depth(u, v) > 0
    air = [(inside & (Collapse(kind, amount, 0.5, 0.4).space(lung, u, v) > 0)).sum() for amount in (0.1, 0.3, 0.6, 1.0)]
    assert 0 < air[0] < air[1] < air[2] < air[3] < inside.sum()


@pytest.mark.parametrize("seed", range(20))
def test_the_air_takes_a_share_between_the_limits_of_its_kind(seed: int):
    lungs = choose_lungs(make_rng(seed))
    which, collapse = choose_collapse(make_rng(seed, 1), lungs)
    u, v = frame(144)
    inside = lungs[which].depth(u, v) > 0
    share = (inside & (collapse.space(lungs[which], u, v) > 0)).sum() / inside.sum()
    least, most = KINDS[collapse.kind]
    assert 0.9 * least < share < 1.1 * most


def test_the_air_lies_in_one_lung_and_has_no_vessels():
    chest = draw_chest(make_rng(0), 128)
    which, collapse = choose_collapse(make_rng(1), chest.lungs)
    free = add_pneumothorax(make_rng(2), chest, which, collapse)
    assert (free > 0.5).any() and np.all(free[chest.cover[1 - which] > 0.5] == 0)
    assert np.all(free <= chest.cover[which] + 1e-6)
    assert np.abs(chest.vessels[free > 0.99]).max() < 0.05
