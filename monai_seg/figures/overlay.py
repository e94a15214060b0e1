"""One case at a glance: image | truth | prediction | errors.

Hits are bluish green, missed pixels vermilion, false ones sky blue, pixels given another class white (see `Palette`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from monai_seg.durable import write_durably
from monai_seg.figures.caption import caption
from monai_seg.figures.palette import OKABE_ITO, Colour, Palette
from monai_seg.figures.panels import Picture, draw_panels

READABLE_PX = 256  # a panel narrower than this is enlarged by a whole factor: titles and legend need the width


def overlay(
    image: ArrayLike, label: ArrayLike | None, pred: ArrayLike, *, colours: Palette = OKABE_ITO, outline_px: int = 1
) -> Picture:
    """Return the panels of `draw_panels` side by side at the image's own size, (H, 4 W, 3) uint8, or (H, 2 W, 3)
    without a label."""
    panels = draw_panels(image, label, pred, colours=colours, outline_px=outline_px)
    return np.concatenate(list(panels.values()), axis=1)


def captioned_overlay(
    image: ArrayLike,
    label: ArrayLike | None,
    pred: ArrayLike,
    *,
    max_side_px: int = 1024,
    class_names: Sequence[str] | None = None,
    colours: Palette = OKABE_ITO,
) -> Picture:
    """Return the panels with titles and legend; panels over ``max_side_px`` are shrunk by area averaging.

    Args:
        image: (C, H, W) with C 1 or 3, uint8 or float in [0, 1].
        label: (1, H, W) or (H, W) class ids of the truth, or None.
        pred: class ids of the prediction, shaped as ``label``.
        max_side_px: longest side of a panel.
        class_names: name of class 0, 1, ...; "class 1" and so on where there are none.
        colours: what is painted how.
    """
    longest = max(np.shape(image)[-2:])
    enlarge = max(1, min(READABLE_PX, max_side_px) // longest)
    shrink = longest * enlarge / max_side_px
    panels = draw_panels(
        _enlarge(image, enlarge),
        None if label is None else _enlarge(label, enlarge),
        _enlarge(pred, enlarge),
        colours=colours,
        outline_px=max(1, math.ceil(1.5 * shrink)),  # still a visible line after the shrinking
    )
    panels = {title: _shrink(panel, shrink) for title, panel in panels.items()}
    present = max(int(np.asarray(array).max()) for array in (label, pred) if array is not None)
    font_px = min(22, max(15, panels["image"].shape[1] // 32))
    return caption(panels, _legend(present, label is not None, class_names, colours), font_px=font_px)


def write_overlay(
    path: str | Path,
    image: ArrayLike,
    label: ArrayLike | None,
    pred: ArrayLike,
    *,
    max_side_px: int = 1024,
    class_names: Sequence[str] | None = None,
    colours: Palette = OKABE_ITO,
) -> None:
    """Write `captioned_overlay` of the same arguments as the PNG ``path``, whole or not at all.

    Raises:
        InputError: ``path`` cannot be written.
    """
    picture = captioned_overlay(
        image, label, pred, max_side_px=max_side_px, class_names=class_names, colours=colours
    )
    write_durably(path, lambda file: Image.fromarray(picture).save(file, format="png"))


def _legend(
    present: int, with_errors: bool, class_names: Sequence[str] | None, colours: Palette
) -> list[tuple[str, Colour]]:
    """Return text and colour per entry; ``present`` is the highest class id in truth and prediction."""
    named = max(present, len(class_names or ()) - 1, 1)
    names = [*(class_names or ()), *(f"class {i}" for i in range(len(class_names or ()), named + 1))]
    classes = [(names[i], colours.of_class(i)) for i in range(1, named + 1)]
    if not with_errors:
        return classes
    confused = [("wrong class", colours.confused)] if named > 1 else []
    return [*classes, ("hit", colours.hit), ("missed", colours.missed), ("false", colours.false), *confused]


def _enlarge(array: ArrayLike, factor: int) -> np.ndarray:
    return np.asarray(array).repeat(factor, axis=-2).repeat(factor, axis=-1)


def _shrink(panel: Picture, factor: float) -> Picture:
    if factor <= 1:
        return panel
    height, width = (max(1, round(side / factor)) for side in panel.shape[:2])
    return np.asarray(Image.fromarray(panel).resize((width, height), Image.Resampling.BOX))  # (W, H) in Pillow
