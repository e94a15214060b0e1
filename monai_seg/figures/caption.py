"""Titles above panels and a legend of colours below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from monai_seg.figures.palette import Colour
from monai_seg.figures.panels import Picture

PAPER: Colour = (24, 24, 24)
INK: Colour = (235, 235, 235)
GAP_PX = 6


def caption(panels: Mapping[str, Picture], legend: Sequence[tuple[str, Colour]], *, font_px: int = 15) -> Picture:
    """Return ``panels`` side by side, each under its title, above a legend that wraps where the width ends.

    Args:
        panels: (H, W, 3) pictures of one size by title.
        legend: meaning and colour of each swatch.
        font_px: height of the letters.
    """
    font = ImageFont.load_default(size=font_px)
    line_px = font_px + 2 * GAP_PX
    height, width = next(iter(panels.values())).shape[:2]
    sheet_width = len(panels) * (width + GAP_PX) - GAP_PX
    places, lines = _place(legend, font, sheet_width)
    sheet = Image.new("RGB", (sheet_width, line_px + height + lines * line_px), PAPER)
    draw = ImageDraw.Draw(sheet)
    for column, (title, panel) in enumerate(panels.items()):
        left = column * (width + GAP_PX)
        draw.text((left + GAP_PX, line_px / 2), title, INK, font, anchor="lm")
        sheet.paste(Image.fromarray(panel), (left, line_px))
    for (text, colour), (left, line) in zip(legend, places, strict=True):
        middle = line_px + height + (line + 0.5) * line_px
        swatch = (left, middle - font_px / 2, left + font_px, middle + font_px / 2)
        draw.rounded_rectangle(swatch, 3, colour)
        draw.text((left + font_px + GAP_PX, middle), text, INK, font, anchor="lm")
    return np.asarray(sheet)


def _place(
    legend: Sequence[tuple[str, Colour]], font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> tuple[list[tuple[int, int]], int]:
    """Return (left edge in px, line) of each entry, and the number of lines."""
    places: list[tuple[int, int]] = []
    left, line = GAP_PX, 0
    for text, _ in legend:
        needed = round(font.getlength("M") + font.getlength(text)) + 2 * GAP_PX
        if left > GAP_PX and left + needed > width:
            left, line = GAP_PX, line + 1
        places.append((left, line))
        left += needed + 2 * GAP_PX
    return places, line + 1 if legend else 0
