"""What the values of masks mean, where two readings are possible: decided by where they lie in all masks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monai_seg.check.scan import CaseFacts
from monai_seg.data.mask_pixels import colours_of
from monai_seg.data.picture import load_picture
from monai_seg.errors import InputError
from monai_seg.plan.reading import Reading
from monai_seg.plan.spread import spread

Encoding = Mapping[str, Any]
MOST_READ = 64  # masks whose pixels are looked at again, spread over the set
INSIDE = 0.2  # share of a value's pixels whose neighbours all have it, from which it is a region and no edge
BORDER = 0.5  # share of the border's pixels from which a value is the background


def mask_readings(
    encoding: Encoding, labels: Sequence[Any], facts: Sequence[CaseFacts], class_names: Sequence[str] | None = None
) -> list[Reading]:
    """Return the readings of ``encoding`` that were open, each with encodings as its choices; the last one holds.

    Args:
        encoding: as proposed.
        labels: of the cases, as data lists have them.
        facts: what was read of them.
        class_names: of masks in several files, the names that all of them have, none where they differ; None where
            the files are those of a list.
    """
    if encoding["kind"] == "files":
        return [_instances(encoding, facts, class_names)]
    pixels = [stored for path in spread(labels, MOST_READ) if (stored := _stored(path)) is not None]
    if not pixels:
        return []
    if encoding["kind"] == "palette":
        return [_palette_background(encoding, pixels, facts)]
    if encoding["kind"] == "index" and len(_values(encoding)) > 2:
        return [_edges(encoding, pixels)]
    if encoding == {"kind": "binary", "threshold": 127}:
        return [_lossy_edges(encoding, facts)]
    if encoding["kind"] == "binary" and "threshold" not in encoding:
        return _binary_background(encoding, pixels)
    return []


def inside_share(region: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the pixels of (H, W) ``region`` whose eight neighbours are of it too, and all of its pixels."""
    padded = np.pad(region, 1, mode="edge")
    rows = padded[:-2] & padded[1:-1] & padded[2:]
    whole = rows[:, :-2] & rows[:, 1:-1] & rows[:, 2:]
    return int(np.count_nonzero(whole)), int(np.count_nonzero(region))


def _edges(encoding: Encoding, pixels: Sequence[NDArray]) -> Reading:
    """Are the values between the lowest and the highest classes, or grey edges?"""
    values = _values(encoding)
    middle = values[1:-1]
    inside, total = 0, 0
    for mask in pixels:
        for value in middle:
            one, all_of_it = inside_share(mask == value)
            inside, total = inside + one, total + all_of_it
    share = inside / max(1, total)
    named = ", ".join(map(str, middle[:4])) + (" …" if len(middle) > 4 else "")
    told = (f"{share:.0%} of the {total:,} pixels of {named} in {len(pixels)} masks have neighbours of their own value "
            f"all around")
    highest = values[-1]
    edges = {"kind": "binary", "threshold": highest // 2} | ({"foreground": highest} if highest != 255 else {})
    return Reading("are the grey values between the lowest and the highest classes?",
                   "yes" if share >= INSIDE else "no, edges", told, {"yes": encoding, "no, edges": edges})


def _lossy_edges(encoding: Encoding, facts: Sequence[CaseFacts]) -> Reading:
    counts: Counter[int] = Counter()
    for fact in facts:
        if fact.mask is not None and fact.mask.values is not None:
            counts.update(fact.mask.values.counts)
    clear = sum(count for value, count in counts.items() if value <= 32 or value >= 223)
    total = max(1, sum(counts.values()))
    told = (f"{clear / total:.1%} of {total:,} pixels lie within 32 levels of black or white, the rest are spread over "
            f"{sum(32 < value < 223 for value in counts)} values")
    return Reading("are grey values between black and white classes?", "no, edges", told, {"no, edges": encoding})


def _palette_background(encoding: Encoding, pixels: Sequence[NDArray], facts: Sequence[CaseFacts]) -> Reading:
    """Is the palette's index 0 the background, or another one, the last say?"""
    border = _border_counts(pixels)
    found, count = border.most_common(1)[0]
    total = sum(border.values())
    told = f"index {found} has {count / total:.0%} of the {total:,} pixels at the borders of {len(pixels)} masks"
    choices: dict[str, Any] = {"index 0": encoding}
    for index in sorted(_shown(facts) or ()):
        if index and (table := _colour_table(index, facts)) is not None:
            choices[f"index {index}"] = {"kind": "colours", "table": table}
    answer = f"index {found}" if count >= BORDER * total else "index 0"
    if answer not in choices:
        told += ", but its colours differ between masks, or are those of another index, so nothing can name it"
        answer = "index 0"
    return Reading("which index of the palette is the background?", answer, told, choices)


def _binary_background(encoding: Encoding, pixels: Sequence[NDArray]) -> list[Reading]:
    """Is black the background, or white? Asked only where white holds most of the borders."""
    border = _border_counts(pixels)
    total = sum(border.values())
    bright = total - border[0]
    if bright < BORDER * total:
        return []
    foreground = int(encoding.get("foreground", 255))
    black = {"kind": "index", "classes": 2, "values": {str(foreground): 0, "0": 1}}
    told = f"white has {bright / total:.0%} of the {total:,} pixels at the borders of {len(pixels)} masks"
    whole = sum(bool((mask != 0).all()) for mask in pixels)
    answer = "black" if whole < 0.5 * len(pixels) and bright > 0.9 * total else "white"
    return [Reading("is what is marked white or black?", answer, told, {"white": encoding, "black": black})]


def _instances(encoding: Encoding, facts: Sequence[CaseFacts], class_names: Sequence[str] | None) -> Reading:
    numbers = [fact.mask.files for fact in facts if fact.mask is not None]
    told = f"{len(numbers)} masks in {numbers[0]} files each" if len(set(numbers)) == 1 else \
        f"{len(numbers)} masks in {min(numbers)} to {max(numbers)} files, {sum(numbers):,} in all"
    one_class = {name: value for name, value in encoding.items() if name not in ("per", "classes")}
    choices: dict[str, Any] = {"instances of one class": {**one_class, "per": "instance"}}
    if encoding["per"] == "class":
        choices["classes"] = encoding
    if class_names:
        told += f", all named {', '.join(class_names)}: the largest first, later ones on top"
    elif class_names is not None:
        told += ", their names differ"
    answer = "classes" if encoding["per"] == "class" and class_names != () else "instances of one class"
    return Reading("are the files of a mask classes, or instances of one?", answer, told, choices)


def _border_counts(pixels: Sequence[NDArray]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for mask in pixels:
        edge = np.concatenate([mask[0], mask[-1], mask[1:-1, 0], mask[1:-1, -1]])
        values, found = np.unique(edge, return_counts=True)
        counts.update(dict(zip(values.tolist(), found.tolist(), strict=True)))
    return counts


def _shown(facts: Sequence[CaseFacts]) -> dict[int, int] | None:
    """Return the colour of each index of the palettes; None where an index has two colours, or two have one."""
    shown: dict[int, int] = {}
    for fact in facts:
        values = fact.mask.values if fact.mask is not None else None
        for index, key in (values.shown if values is not None else {}).items():
            if shown.setdefault(index, key) != key:
                return None
    return shown if len(set(shown.values())) == len(shown) else None


def _colour_table(background: int, facts: Sequence[CaseFacts]) -> dict[str, list[int]] | None:
    """Return the colours by class with that of the index ``background`` first; None where colours do not tell."""
    shown = _shown(facts)
    if shown is None or background not in shown:
        return None
    order = [background, *(index for index in sorted(shown) if index != background)]
    colours = colours_of(np.array([shown[index] for index in order])).tolist()
    return {str(class_id): colour for class_id, colour in enumerate(colours)}


def _values(encoding: Encoding) -> list[int]:
    return sorted(map(int, encoding["values"])) if encoding.get("values") else list(range(encoding["classes"]))


def _stored(label: Any) -> NDArray | None:
    """Return the (H, W) values of a mask in one file as they are stored; None for what cannot be read here."""
    if not isinstance(label, str) or not Path(label).is_file():
        return None
    try:
        picture = load_picture(label)
    except InputError:
        return None  # the check has told it
    if picture.palette is not None or picture.pixels.ndim == 2:
        return picture.pixels
    return picture.pixels[..., 0]
