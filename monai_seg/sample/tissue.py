"""Twin of a 4-class tissue set: RGBA sections stained with haematoxylin and eosin, palette masks of the same name.

Layout:

    images/slide_003_tile_07.png   RGBA, 8 bit, alpha 255
    masks/slide_003_tile_07.png    palette (mode P), indices 0 to 3 with the colours of `PALETTE`

Classes: 0 empty glass, 1 stroma (wavy fibres, few thin nuclei), 2 glands (crowded large nuclei),
3 lymphocytes (crowded small round nuclei). The stain varies from slide to slide, and all tissue shares its two colours,
so that texture tells the classes apart, not colour. The tiles of one slide share a stain: split by slide.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from monai_seg.sample.fields import Array, make_rng, resize_field, smooth_noise, soften, white_noise
from monai_seg.sample.storage import Content

CLASSES = ("background", "stroma", "gland", "lymphocytes")
PALETTE = (0, 0, 0, 255, 153, 51, 51, 102, 204, 51, 204, 102)  # RGB of each class
TILES = 8  # of each slide
COARSE = 128  # side of the grid on which regions are laid out


def write(seed: int, cases: int, size: int) -> Iterator[Content]:
    """Yield image and mask of each case in turn."""
    for index in range(cases):
        slide, tile = divmod(index, TILES)
        name = f"slide_{slide + 1:03d}_tile_{tile + 1:02d}.png"
        section, classes = draw_case(seed, index, size)
        yield {f"images/{name}": section, f"masks/{name}": _as_palette(classes)}


def draw_case(seed: int, index: int, size: int) -> tuple[Image.Image, Array]:
    """Return the section (RGBA, ``size`` x ``size``) and the class of each pixel (uint8) of case ``index``."""
    stain = make_rng(seed, 41, index // TILES)
    rng = make_rng(seed, 42, index)
    classes = _lay_out(rng, size)
    eosin = _draw_fibres(rng, classes)
    blue = _draw_nuclei(rng, classes)
    pink = np.array([0.10, 0.42, 0.22]) * stain.uniform(0.8, 1.25, 3)  # optical density per channel
    violet = np.array([0.72, 0.80, 0.34]) * stain.uniform(0.85, 1.15, 3)
    light = stain.uniform(0.92, 1.0) * (1 + 0.02 * smooth_noise(rng, size, size, 3))
    density = pink.astype(np.float32)[:, None, None] * eosin + violet.astype(np.float32)[:, None, None] * blue
    colour = light * np.exp(-density * stain.uniform(0.9, 1.3))
    colour += 0.015 * white_noise(rng, size, size)
    pixels = np.full((size, size, 4), 255, dtype=np.uint8)
    pixels[..., :3] = np.moveaxis(np.clip(colour, 0, 1) * 255, 0, -1)
    return Image.fromarray(pixels), classes


def _lay_out(rng: np.random.Generator, size: int) -> Array:
    """Return the class (size, size) uint8 of each pixel: that of the largest of four smooth fields."""
    fields = [smooth_noise(rng, COARSE, COARSE, cells) for cells in (3.5, 5, 6, 5)]
    bias = (-0.7, 0.25, rng.uniform(0.0, 0.5), rng.uniform(-0.5, 0.3))
    layers = zip(fields, bias, strict=True)
    largest, classes = np.full((size, size), -np.inf, dtype=np.float32), np.zeros((size, size), dtype=np.uint8)
    for kind, (field, more) in enumerate(layers):
        height = resize_field(field + more, size, size)
        classes[height > largest] = kind
        np.maximum(largest, height, out=largest)
    return classes


def _draw_fibres(rng: np.random.Generator, classes: Array) -> Array:
    """Return (size, size) eosin: fibres that follow a wavy direction in the stroma, smooth cytoplasm elsewhere."""
    size = classes.shape[0]
    wave = smooth_noise(rng, size, size, 4)
    along = np.arange(size, dtype=np.float32) / size
    angle = rng.uniform(0, np.pi)
    across = math.cos(angle) * along[None, :] + math.sin(angle) * along[:, None]
    fibres = np.sin(rng.uniform(110, 170) * across + 5 * wave + 1.5 * smooth_noise(rng, size, size, 30))
    base = np.array([0.03, 0.85, 0.75, 0.55], dtype=np.float32)[classes]
    grain = 0.10 * smooth_noise(rng, size, size, 70)
    fibrous = 0.28 * fibres * (classes == 1)
    return np.maximum(base + (grain + fibrous) * (classes > 0), 0)


def _draw_nuclei(rng: np.random.Generator, classes: Array) -> Array:
    """Return (size, size) haematoxylin, 0 to 1: the nuclei of each class on a jittered grid, at 512 pixels to scale."""
    size = classes.shape[0]
    canvas = Image.new("L", (size, size))
    pen = ImageDraw.Draw(canvas)
    unit = size / 512
    _scatter(rng, pen, classes == 1, gap=34 * unit, radii=(2.0 * unit, 7 * unit), share=0.7)
    _scatter(rng, pen, classes == 2, gap=17 * unit, radii=(5.5 * unit, 7 * unit), share=0.95)
    _scatter(rng, pen, classes == 3, gap=10.5 * unit, radii=(3.6 * unit, 3.9 * unit), share=0.92)
    return soften(canvas, unit) * (1 + 0.15 * smooth_noise(rng, size, size, 110))


def _scatter(
    rng: np.random.Generator,
    pen: ImageDraw.ImageDraw,
    where: Array,
    gap: float,
    radii: tuple[float, float],
    share: float,
) -> None:
    """Draw ellipses of ``radii`` about ``gap`` apart (pixels) ``where`` is true; ``share`` of the places are taken."""
    size = where.shape[0]
    side = int(size / gap) + 1
    rows, columns = np.divmod(np.arange(side * side), side)
    jitter = rng.uniform(-0.33, 0.33, (2, side * side))
    y, x = (rows + 0.5 + jitter[0]) * gap, (columns + 0.5 + 0.5 * (rows % 2) + jitter[1]) * gap
    turn, grow = rng.uniform(0, np.pi, side * side), rng.uniform(0.8, 1.2, side * side)
    tone, taken = rng.uniform(150, 235, side * side).astype(int), rng.random(side * side) < share
    inside = where[np.clip(y, 0, size - 1).astype(int), np.clip(x, 0, size - 1).astype(int)] & (y < size) & (x < size)
    chosen = np.flatnonzero(taken & inside)
    ring = np.linspace(0, 2 * np.pi, 10)[:-1]
    a, b = (
        grow[chosen, None] * radius * part for radius, part in zip(radii, (np.cos(ring), np.sin(ring)), strict=True)
    )
    cos, sin = np.cos(turn[chosen, None]), np.sin(turn[chosen, None])
    outlines = np.stack([x[chosen, None] + cos * a - sin * b, y[chosen, None] + sin * a + cos * b], axis=-1)
    for outline, fill in zip(outlines.reshape(len(chosen), 18).tolist(), tone[chosen].tolist(), strict=True):
        pen.polygon(outline, fill=fill)


def _as_palette(classes: Array) -> Image.Image:
    mask = Image.frombytes("P", classes.shape[::-1], classes.tobytes())
    mask.putpalette(PALETTE)
    return mask
