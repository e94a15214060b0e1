from __future__ import annotations

import numpy as np
import pytest

from monai_seg.figures.panels import draw_panels
from monai_seg.figures.see_through import class_layer, error_layer


def over(image: np.ndarray, layer: np.ndarray) -> np.ndarray:
    share = layer[..., 3:] / 255
    return (1 - share) * image + share * layer[..., :3]


@pytest.mark.parametrize("seed", range(4))
def test_layers_over_the_image_are_the_panels(seed: int):
    random = np.random.default_rng(seed)
    image = random.integers(0, 256, (3, 20, 30)).astype(np.uint8)
    label, pred = random.integers(0, 3, (2, 20, 30)).repeat(2, axis=1)[:, :20]
    panels = draw_panels(image, label, pred)
    picture = image.transpose(1, 2, 0)
    for mask, panel in ((label, "truth"), (pred, "prediction")):
        assert np.abs(over(picture, class_layer(mask)) - panels[panel]).max() <= 2
    grey = draw_panels(image, np.zeros_like(label), np.zeros_like(pred))["errors"]
    assert np.abs(over(grey, error_layer(label, pred)) - panels["errors"]).max() <= 2


def test_empty_masks_hide_nothing():
    empty = np.zeros((5, 6), np.uint8)
    assert not class_layer(empty)[..., 3].any() and not error_layer(empty, empty)[..., 3].any()


def test_what_is_no_mask_is_refused():
    with pytest.raises(ValueError, match="must hold class ids"):
        class_layer(np.full((4, 4), 0.5))
    with pytest.raises(ValueError, match=r"pred must be \(1, H, W\) or \(H, W\)"):
        error_layer(np.zeros((4, 4)), np.zeros((4, 5)))
