"""The panels of an overlay: image, truth, prediction, errors, each an (H, W, 3) uint8 array."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monai_seg.figures.palette import OKABE_ITO, Colour, Palette

Picture = NDArray[np.uint8]  # (H, W, 3)
Mask = NDArray[np.integer]  # (H, W) class ids

FILL = 0.25  # share of the class colour inside an outline: the image stays readable
CASING = 0.6  # share of black in the line around an outline: a yellow line shows on yellow skin too
HIT_FILL = 0.4  # what is right may be calm,
ERROR_FILL = 0.8  # what is wrong must catch the eye
DIM = 0.6  # brightness of the grey image under the errors


def draw_panels(
    image: ArrayLike,
    label: ArrayLike | None,
    pred: ArrayLike,
    *,
    colours: Palette = OKABE_ITO,
    outline_px: int = 1,
) -> dict[str, Picture]:
    """Draw one case as panels under their titles: image, truth, prediction, errors; without truth the 1st and 3rd.

    Args:
        image: uint8, or float in [0, 1].
        label: class ids of the truth, or None where there is none.
        pred: class ids of the prediction.
        colours: what is painted how.
        outline_px: width of the line around each region, drawn inside of it.

    Shape:
        image: (C, H, W) with C 1 or 3.  label, pred: (1, H, W) or (H, W).  Result: (H, W, 3) uint8 per panel.

    Raises:
        ValueError: a shape or a value is none of these.
    """
    picture = as_picture(image)
    found = as_mask(pred, "pred", picture.shape[:2])
    if label is None:
        return {"image": picture, "prediction": _paint_classes(picture, found, colours, outline_px)}
    truth = as_mask(label, "label", picture.shape[:2])
    return {
        "image": picture,
        "truth": _paint_classes(picture, truth, colours, outline_px),
        "prediction": _paint_classes(picture, found, colours, outline_px),
        "errors": _paint_errors(picture, truth, found, colours),
    }


def as_picture(image: ArrayLike) -> Picture:
    """Return the (C, H, W) ``image`` as (H, W, 3) uint8.

    Raises:
        ValueError: C is neither 1 nor 3, or a float lies outside [0, 1].
    """
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[0] not in (1, 3):
        raise ValueError(f"image must be (C, H, W) with C 1 or 3, got {pixels.shape}")
    if pixels.dtype != np.uint8:
        if not (np.issubdtype(pixels.dtype, np.floating) and np.all((pixels >= 0) & (pixels <= 1))):
            raise ValueError(
                f"image must be uint8 or float in [0, 1], got {pixels.dtype} in [{pixels.min()}, {pixels.max()}]"
            )
        pixels = np.rint(pixels * 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(pixels, (3, *pixels.shape[1:])).transpose(1, 2, 0))


def as_mask(mask: ArrayLike, name: str, shape: tuple[int, ...]) -> Mask:
    """Return the (1, H, W) or (H, W) ``mask`` as (H, W) int32 class ids.

    Raises:
        ValueError: not of ``shape`` (H, W), or not whole numbers from 0 up, as probabilities are not.
    """
    ids = np.asarray(mask)
    if ids.shape not in (shape, (1, *shape)):
        raise ValueError(f"{name} must be (1, H, W) or (H, W) with (H, W) = {shape}, got {ids.shape}")
    whole = ids.reshape(shape).astype(np.int32)
    if not np.array_equal(whole, ids.reshape(shape)) or whole.min() < 0:
        raise ValueError(f"{name} must hold class ids 0, 1, 2, ..., got values in [{ids.min()}, {ids.max()}]")
    return whole


def outline(mask: Mask, width_px: int) -> NDArray[np.bool_]:
    """Return where a pixel of ``mask`` that is not background has another class within ``width_px`` along H or W.

    The border of the image is no outline: a region that is cut off there stays open.
    """
    edge = np.zeros(mask.shape, dtype=bool)
    for shift in range(1, width_px + 1):
        below = mask[shift:] != mask[:-shift]
        edge[shift:] |= below
        edge[:-shift] |= below
        right = mask[:, shift:] != mask[:, :-shift]
        edge[:, shift:] |= right
        edge[:, :-shift] |= right
    return edge & (mask > 0)


def _paint_classes(picture: Picture, mask: Mask, colours: Palette, outline_px: int) -> Picture:
    painted = picture.copy()
    edge = outline(mask, outline_px)
    _blend(painted, outline((mask == 0).astype(np.uint8), outline_px), (0, 0, 0), CASING)
    for class_id in np.unique(mask[mask > 0]):
        region, colour = mask == class_id, colours.of_class(int(class_id))
        _blend(painted, region & ~edge, colour, FILL)
        painted[region & edge] = colour
    return painted


def _paint_errors(picture: Picture, truth: Mask, found: Mask, colours: Palette) -> Picture:
    grey = picture @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601 luma: only the errors are in colour
    painted = np.rint(np.repeat(grey[..., None] * DIM, 3, axis=2)).astype(np.uint8)
    _blend(painted, (truth > 0) & (truth == found), colours.hit, HIT_FILL)
    _blend(painted, (truth > 0) & (found == 0), colours.missed, ERROR_FILL)
    _blend(painted, (truth == 0) & (found > 0), colours.false, ERROR_FILL)
    _blend(painted, (truth > 0) & (found > 0) & (truth != found), colours.confused, ERROR_FILL)
    return painted


def _blend(picture: Picture, region: NDArray[np.bool_], colour: Colour, share: float) -> None:
    picture[region] = np.rint((1 - share) * picture[region] + share * np.array(colour)).astype(np.uint8)
