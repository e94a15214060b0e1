"""Twin of ISIC 2017: dermoscopy of skin lesions, RGB JPEG of many sizes, masks 0/255 under another name.

Layout (as published):

    ISIC-2017_Training_Data/ISIC_0000000.jpg                             RGB, sizes and aspect ratios vary
    ISIC-2017_Training_Data/ISIC_0000000_superpixels.png                 stray: no mask and no image; one case in four
    ISIC-2017_Training_Part1_GroundTruth/ISIC_0000000_segmentation.png   0 and 255, the size of its image

The lesion may be paler than the vignette, the hairs, the ruler and the stickers around it, so no grey value finds it.

Source:
    Codella et al. 2017, https://challenge.isic-archive.com/data/#2017
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image

from monai_seg.sample.clutter import add_clutter
from monai_seg.sample.deal import dealt
from monai_seg.sample.fields import Array, make_rng, ramp, smooth_noise, white_noise
from monai_seg.sample.storage import Content, as_mask

SHAPES = ((1022, 767), (3008, 2000), (2048, 1536), (1504, 1129), (4288, 2848), (767, 1022), (1024, 1024))  # (W, H)
SCALES = (1.0, 0.85, 0.7, 0.5)  # of the longer side
TONES = np.array([[0.87, 0.69, 0.60], [0.80, 0.60, 0.52], [0.90, 0.76, 0.70], [0.76, 0.52, 0.42]], dtype=np.float32)
LESIONS = np.array([[0.42, 0.27, 0.20], [0.28, 0.18, 0.15], [0.62, 0.36, 0.32], [0.55, 0.40, 0.28]], dtype=np.float32)


def write(seed: int, cases: int, size: int) -> Iterator[Content]:
    """Yield the files of each case in turn."""
    for index in range(cases):
        name = f"ISIC_{index:07d}"
        photo, mask = draw_case(seed, index, size)
        files: dict[str, Image.Image | str] = {
            f"ISIC-2017_Training_Data/{name}.jpg": photo,
            f"ISIC-2017_Training_Part1_GroundTruth/{name}_segmentation.png": as_mask(mask),
        }
        if dealt(seed, index, 1, 4):
            files[f"ISIC-2017_Training_Data/{name}_superpixels.png"] = _draw_superpixels(*mask.shape)
        yield files


def shape_of(seed: int, index: int, size: int) -> tuple[int, int]:
    """Return (H, W) of case ``index``, whose longer side is at most ``size``."""
    rng = make_rng(seed, 31, index)
    width, height = SHAPES[int(rng.integers(len(SHAPES)))]
    scale = SCALES[int(rng.integers(len(SCALES)))] * size / max(width, height)
    return round(height * scale), round(width * scale)


def draw_case(seed: int, index: int, size: int) -> tuple[Image.Image, Array]:
    """Return the photograph (RGB) and the mask (H, W) bool of case ``index``."""
    rng = make_rng(seed, 32, index)
    height, width = shape_of(seed, index, size)
    longer = max(height, width)
    x = ((np.arange(width, dtype=np.float32) + 0.5 - width / 2) / longer * 2)[None, :]  # -1 to 1 on the longer side
    y = ((np.arange(height, dtype=np.float32) + 0.5 - height / 2) / longer * 2)[:, None]
    inside = _draw_outline(rng, x, y, min(height, width) / longer)
    skin = _draw_skin(rng, height, width)
    lesion, opacity = _draw_lesion(rng, inside, height, width)
    paint = (skin + opacity[None] * (lesion - skin)) * rng.uniform(0.65, 1.1)  # exposure
    photo = add_clutter(rng, paint, x, y)
    photo += rng.uniform(0.006, 0.016) * white_noise(rng, height, width)
    pixels = (np.clip(photo, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(np.moveaxis(pixels, 0, -1)), inside > 0


def _draw_outline(rng: np.random.Generator, x: Array, y: Array, shorter: float) -> Array:
    """Return (H, W) 1 at the lesion's middle, 0 on its ragged outline, negative outside."""
    radius = rng.uniform(0.28, 0.85) * shorter
    x0, y0 = rng.uniform(-0.2, 0.2), rng.uniform(-0.15, 0.15) * shorter
    turn, flat = rng.uniform(0, np.pi), rng.uniform(0.6, 1.0)
    cos, sin = math.cos(turn), math.sin(turn)
    across, along = cos * (x - x0) + sin * (y - y0), (cos * (y - y0) - sin * (x - x0)) / flat
    distance = np.sqrt(across**2 + along**2) / radius
    height, width = distance.shape
    ragged = smooth_noise(rng, height, width, 4.5 / radius) + 0.4 * smooth_noise(rng, height, width, 12 / radius)
    fade = np.clip(1.7 - distance, 0, 1)  # no islands far from the lesion
    return 1 - distance + rng.uniform(0.03, 0.10) * ragged * fade


def _draw_skin(rng: np.random.Generator, height: int, width: int) -> Array:
    """Return (3, H, W) skin: its tone, uneven light and redness, furrows."""
    mix = rng.dirichlet(np.ones(len(TONES))).astype(np.float32)
    tone = mix @ TONES * rng.uniform(0.82, 1.08)
    light = 1 + 0.045 * smooth_noise(rng, height, width, 4)
    furrows = 0.012 * smooth_noise(rng, height, width, 90)
    red = 0.022 * smooth_noise(rng, height, width, 8)
    skin = tone[:, None, None] * light + furrows
    skin[1:] -= np.maximum(red, 0)
    return skin


def _draw_lesion(rng: np.random.Generator, inside: Array, height: int, width: int) -> tuple[Array, Array]:
    """Return (3, H, W) colour and (H, W) opacity of the lesion: brown to pink, mottled, netted, sharp or soft rim."""
    first, second = rng.permutation(len(LESIONS))[:2]
    mottle = ramp(smooth_noise(rng, height, width, 9) - rng.uniform(-0.5, 1.0), 1.5)
    colour = LESIONS[first][:, None, None] + mottle[None] * (LESIONS[second] - LESIONS[first])[:, None, None]
    net = np.clip(1 - 2.5 * np.abs(smooth_noise(rng, height, width, 60)), 0, 1)
    colour = colour * (1 - rng.uniform(0, 0.3) * net)
    core = np.clip(inside * 1.5, 0, 1)
    strength = rng.uniform(0.35, 0.7) + rng.uniform(0.1, 0.3) * core
    return colour, ramp(inside, rng.uniform(0.04, 0.22)) * strength


def _draw_superpixels(height: int, width: int) -> Image.Image:
    """Return numbered tiles, the number in red (low byte) and green (high byte), as the published files have it."""
    rows, columns = np.arange(height)[:, None] * 25 // height, np.arange(width)[None, :] * 40 // width
    number = rows * 40 + columns
    return Image.fromarray(np.stack([number % 256, number // 256, 0 * number], axis=-1).astype(np.uint8))
