"""Small pictures of cases with the outline of their mask: the worst findings, and a sample of the others."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.check.case import CheckedCase
from monai_seg.check.check_data import Report
from monai_seg.check.image_facts import eight_bits
from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.data.picture import load_picture
from monai_seg.data.picture_modes import convert_picture
from monai_seg.errors import InputError
from monai_seg.figures.panels import draw_panels

SIDE_PX = 224
COLOURS = 72  # of a small picture, before the mask is drawn over it
MOST_WORST, MOST_OF_A_KIND, SAMPLE = 36, 8, 24


@dataclass(frozen=True)
class Tile:
    """A picture of a case: its name, what to say about it, how bad that is, and a PNG (None where it cannot be read).

    ``aside`` is a second picture to compare with, say of the image that this one is a copy of.
    """

    name: str
    text: str
    severity: str
    png: bytes | None
    aside: bytes | None = None


def worst_tiles(report: Report) -> list[Tile]:
    """Return the cases of the worst findings, some of each kind."""
    tiles: list[Tile] = []
    kinds: dict[str, int] = {}
    for finding in report.findings:
        kinds[finding.kind] = kinds.get(finding.kind, 0) + 1
        if not finding.cases or kinds[finding.kind] > MOST_OF_A_KIND or len(tiles) >= MOST_WORST:
            continue
        drawn = [_draw(report.cases.cases[number], report.encoding) for number in finding.cases[:2]]
        tiles.append(Tile(report.cases.cases[finding.cases[0]].name, f"{finding.cause}; {finding.mend}",
                          finding.severity, *drawn))
    return tiles


def sample_tiles(report: Report) -> list[Tile]:
    """Return cases without findings: those of the smallest and the largest foreground, and others evenly between."""
    bad = {number for finding in report.findings for number in finding.cases}
    areas = {number: 1 - counts.get(0, 0) / sum(counts.values()) for number, counts in enumerate(report.classes)
             if counts and number not in bad}
    ranked = sorted(areas, key=lambda number: (areas[number], number))
    shown = [number for number in ranked if areas[number]]
    chosen = [number for number in ranked if not areas[number]][:3] + _evenly(shown, SAMPLE - 3)
    return [Tile(report.cases.cases[number].name, f"foreground {areas[number]:.2%}" if areas[number] else "empty",
                 "", _draw(report.cases.cases[number], report.encoding)) for number in chosen]


def _evenly(numbers: Sequence[int], count: int) -> list[int]:
    if len(numbers) <= count:
        return list(numbers)
    return [numbers[round(place)] for place in np.linspace(0, len(numbers) - 1, count)]


def _draw(case: CheckedCase, encoding: Mapping[str, Any] | None) -> bytes | None:
    image = next(_readable(lambda: _image(str(case.image))), None) if case.image is not None else None
    mask = next(_readable(lambda: _mask(case, encoding)), None) if case.label is not None else None
    if image is None:
        if mask is None or not mask.any():
            return None
        image = np.zeros((3, *mask.shape), np.uint8)
    if mask is None or mask.shape != image.shape[1:]:
        mask = np.zeros(image.shape[1:], np.uint8) if mask is None else _nearest(mask, image.shape[1:])
    factor = max(1, round(max(mask.shape) / SIDE_PX))
    small = Image.fromarray(image.transpose(1, 2, 0)).reduce(factor).quantize(COLOURS).convert("RGB")
    panel = draw_panels(np.asarray(small).transpose(2, 0, 1), None, _shrink(mask, factor))["prediction"]
    return _png(panel)


def _png(panel: NDArray[np.uint8]) -> bytes:
    """Return the PNG of (H, W, 3), with a palette where 256 colours are enough: a third of the bytes, nothing lost."""
    colours, places = np.unique(panel.reshape(-1, 3), axis=0, return_inverse=True)
    image = Image.fromarray(panel)
    if len(colours) <= 256:
        image = Image.fromarray(places.reshape(panel.shape[:2]).astype(np.uint8)).convert("L")
        image.putpalette(colours.ravel().tolist())
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _readable(read: Any) -> Iterator[NDArray[np.uint8]]:
    try:
        yield read()
    except (InputError, ValueError):
        return


def _image(path: str) -> NDArray[np.uint8]:
    pixels = eight_bits(convert_picture(load_picture(path), "RGB"))
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _mask(case: CheckedCase, encoding: Mapping[str, Any] | None) -> NDArray[np.uint8]:
    """Return the class ids; of a mask that does not fit the encoding, whatever is not black as class 1."""
    label = case.label if isinstance(case.label, str) else list(case.label or ())
    try:
        if encoding is None:
            raise InputError(str(label), "no encoding")
        kind = parse_encoding(encoding)
        return kind.decode(kind.load(label))
    except InputError:
        return (_image(str(label)).max(axis=0) > 0).astype(np.uint8)


def _nearest(mask: NDArray[np.uint8], size: tuple[int, ...]) -> NDArray[np.uint8]:
    rows, columns = (np.arange(new) * old // new for new, old in zip(size, mask.shape, strict=True))
    return mask[np.ix_(rows, columns)]


def _shrink(mask: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return the highest class of each block, so that no small region is lost."""
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % factor), (0, -width % factor)))
    return padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor).max(axis=(1, 3))
