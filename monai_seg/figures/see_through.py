"""What a prediction adds to an image, as see-through layers: laid over it one by one, they tell what is what."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monai_seg.figures.palette import OKABE_ITO, Colour, Palette
from monai_seg.figures.panels import CASING, ERROR_FILL, FILL, HIT_FILL, Mask, as_mask, outline

Layer = NDArray[np.uint8]  # (H, W, 4): red, green, blue, opacity


def class_layer(mask: ArrayLike, *, colours: Palette = OKABE_ITO, outline_px: int = 1) -> Layer:
    """Return the regions of ``mask``, each with its outline, as `draw_panels` paints them over the image.

    Args:
        mask: class ids.
        colours: what is painted how.
        outline_px: width of the line around each region, drawn inside of it.

    Shape:
        mask: (1, H, W) or (H, W).  Result: (H, W, 4).

    Raises:
        ValueError: a shape or a value is none of these.
    """
    ids = _as_mask(mask, "mask")
    layer = np.zeros((*ids.shape, 4), np.uint8)
    edge = outline(ids, outline_px)
    _fill(layer, outline((ids == 0).astype(np.int32), outline_px), (0, 0, 0), CASING)
    for class_id in np.unique(ids[ids > 0]):
        region, colour = ids == class_id, colours.of_class(int(class_id))
        _fill(layer, region & ~edge, colour, FILL)
        _fill(layer, region & edge, colour, 1)
    return layer


def error_layer(label: ArrayLike, pred: ArrayLike, *, colours: Palette = OKABE_ITO) -> Layer:
    """Return hits, missed, false and confused pixels; to be laid over the image in grey.

    Shape:
        label, pred: (1, H, W) or (H, W), of one size.  Result: (H, W, 4).

    Raises:
        ValueError: a shape or a value is none of these.
    """
    truth = _as_mask(label, "label")
    found = as_mask(pred, "pred", truth.shape)
    layer = np.zeros((*truth.shape, 4), np.uint8)
    _fill(layer, (truth > 0) & (truth == found), colours.hit, HIT_FILL)
    _fill(layer, (truth > 0) & (found == 0), colours.missed, ERROR_FILL)
    _fill(layer, (truth == 0) & (found > 0), colours.false, ERROR_FILL)
    _fill(layer, (truth > 0) & (found > 0) & (truth != found), colours.confused, ERROR_FILL)
    return layer


def _as_mask(mask: ArrayLike, name: str) -> Mask:
    return as_mask(mask, name, np.shape(mask)[-2:])


def _fill(layer: Layer, region: NDArray[np.bool_], colour: Colour, share: float) -> None:
    layer[region] = (*colour, round(255 * share))
