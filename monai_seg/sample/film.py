"""From layers of attenuation to the grey film: view, exposure, noise, markers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from monai_seg.sample.fields import Array, smooth_noise, white_noise
from monai_seg.sample.frame import REACH


@dataclass(frozen=True)
class View:
    """How the patient stands before the film: tilt in radians, zoom (above 1 is nearer) and shift (u, v)."""

    tilt: float
    zoom: float
    shift: tuple[float, float]

    @staticmethod
    def choose(rng: np.random.Generator, most_tilt_degrees: float = 6.0) -> View:
        """Draw a view."""
        tilt = math.radians(rng.uniform(-most_tilt_degrees, most_tilt_degrees))
        return View(tilt, rng.uniform(0.95, 1.18), (rng.uniform(-0.06, 0.06), rng.uniform(-0.08, 0.08)))

    def project(self, layer: Array, size: int) -> Array:
        """Return the (size, size) float32 film of ``layer`` (S, S) on the frame; 0 outside the frame."""
        drawn = layer.shape[0]
        scale = drawn / size / REACH / self.zoom  # frame pixels per film pixel
        cos, sin = scale * math.cos(self.tilt), scale * math.sin(self.tilt)
        left, top = (drawn / 2 * (1 + part / REACH) for part in self.shift)
        middle = size / 2
        terms = (cos, -sin, left - cos * middle + sin * middle, sin, cos, top - sin * middle - cos * middle)
        image = Image.fromarray(np.ascontiguousarray(layer, dtype=np.float32))
        return np.asarray(
            image.transform((size, size), Image.Transform.AFFINE, terms, Image.Resampling.BILINEAR, fillcolor=0)
        )


def expose(rng: np.random.Generator, attenuation: Array) -> Image.Image:
    """Return the 8-bit grey film of projected ``attenuation`` (H, W): uneven light, contrast curve, marker, noise."""
    height, width = attenuation.shape
    uneven = 1 + rng.uniform(0.02, 0.07) * smooth_noise(rng, height, width, 4)
    dark, bright = rng.uniform(-0.02, 0.10), rng.uniform(0.82, 1.05)
    level = np.clip((attenuation * uneven - dark) / (bright - dark), 0, 1)
    level = level ** rng.uniform(0.75, 1.45)
    floor, ceiling = rng.uniform(0.0, 0.10), rng.uniform(0.80, 1.0)
    film = Image.fromarray(((floor + (ceiling - floor) * level) * 255).astype(np.uint8))
    if rng.random() < 0.7:
        _stamp(rng, film)
    # Noise comes last: the number of its draws depends on the size, that of all others does not.
    grain = 255 * rng.uniform(0.008, 0.028) * white_noise(rng, height, width)
    return Image.fromarray(np.clip(np.asarray(film) + grain, 0, 255).astype(np.uint8))


def _stamp(rng: np.random.Generator, film: Image.Image) -> None:
    """Print the side marker and sometimes a word, as technicians do."""
    width, height = film.size
    pen = ImageDraw.Draw(film)
    letters = ImageFont.load_default(size=max(8, height * rng.uniform(0.03, 0.05)))
    right = rng.random() < 0.5
    across = rng.uniform(0.03, 0.12) if right else rng.uniform(0.86, 0.94)
    tone = int(rng.uniform(200, 255))
    pen.text((across * width, rng.uniform(0.03, 0.2) * height), "R" if right else "L", fill=tone, font=letters)
    if rng.random() < 0.4:
        small = ImageFont.load_default(size=max(7, height * 0.022))
        word = ("PORTABLE", "AP ERECT", "PA", "SUPINE")[int(rng.integers(4))]
        pen.text((rng.uniform(0.05, 0.7) * width, rng.uniform(0.93, 0.96) * height), word, fill=tone, font=small)
