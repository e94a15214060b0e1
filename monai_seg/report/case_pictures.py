"""A case as pictures of a page: the image, and what lies over it: the truth, the prediction, the errors."""

from __future__ import annotations

import io
import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.data.picture import load_picture
from monai_seg.data.picture_modes import convert_picture
from monai_seg.figures.see_through import Layer, class_layer, error_layer
from monai_seg.report.predict import Masks

SIDE_PX = 384  # longest side in the page
JPEG_QUALITY = 80
LAYER_COLOURS = 64  # with the half-covered pixels of the outlines


class CasePictures(NamedTuple):
    """The files of a picture: a JPEG, and see-through PNGs; None where there is no mask.

    ``warning`` says what the reader must know about them.
    """

    image: bytes
    truth: bytes | None = None
    prediction: bytes | None = None
    errors: bytes | None = None
    warning: str = ""


def draw_case(masks: Masks) -> CasePictures:
    """Return the pictures of a case whose masks are known."""
    longest = max(masks.label.shape)
    enlarge = max(1, SIDE_PX // longest)
    shrink = longest * enlarge / SIDE_PX
    outline_px = max(1, math.ceil(1.5 * shrink))  # still a visible line after the shrinking
    image = masks.image.repeat(enlarge, axis=-2).repeat(enlarge, axis=-1)
    label, pred = (mask.repeat(enlarge, axis=-2).repeat(enlarge, axis=-1) for mask in (masks.label, masks.pred))
    layers = (class_layer(label, outline_px=outline_px), class_layer(pred, outline_px=outline_px),
              error_layer(label, pred))
    truth, prediction, errors = (_png(layer, shrink) for layer in layers)
    return CasePictures(_jpeg(image, shrink), truth, prediction, errors)


def draw_image(path: str) -> CasePictures:
    """Return the picture of an image without masks.

    Raises:
        InputError: it cannot be read.
    """
    picture = convert_picture(load_picture(path), "RGB")
    pixels = picture if picture.dtype == np.uint8 else (picture // 257).astype(np.uint8)
    return CasePictures(_jpeg(pixels.transpose(2, 0, 1), max(pixels.shape[:2]) / SIDE_PX))


def _jpeg(image: NDArray[np.uint8], shrink: float) -> bytes:
    pixels = image[0] if image.shape[0] == 1 else np.ascontiguousarray(image.transpose(1, 2, 0))
    buffer = io.BytesIO()
    _shrunk(Image.fromarray(pixels), shrink).save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return buffer.getvalue()


def _png(layer: Layer, shrink: float) -> bytes:
    small = _shrunk(Image.fromarray(layer), shrink)
    buffer = io.BytesIO()
    small.quantize(LAYER_COLOURS, method=Image.Quantize.FASTOCTREE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _shrunk(picture: Image.Image, shrink: float) -> Image.Image:
    if shrink <= 1:
        return picture
    width, height = (max(1, round(side / shrink)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BOX)
