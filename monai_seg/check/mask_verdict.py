"""Read raw mask values by a proposed encoding: pixels per class, or why the mask does not fit.

It says from the counts alone what `decode_mask` would say of the file, so that no file is decoded twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from monai_seg.check.mask_values import MaskValues
from monai_seg.data.mask_pixels import colours_of, named_colours, named_values
from monai_seg.errors import InputError

Classes = dict[int, int]
GREY_LEVELS = 255


def classes_of(values: MaskValues, encoding: Mapping[str, Any], path: str) -> Classes:
    """Return class id -> pixels.

    Args:
        values: evidence of the mask ``path``.
        encoding: of kind "binary", "index", "palette", "colours", or "files" (see `MaskFacts.levels`).
        path: named in errors.

    Raises:
        InputError: the mask is stored in another way, has undeclared values, or pixels that are not opaque.
    """
    if encoding["kind"] == "files":
        return _sum(values.counts, {value: value if encoding["per"] == "class" else int(value > 0)
                                    for value in values.counts})
    if values.clear_px and encoding.get("alpha", "refuse") == "refuse":
        raise InputError(path, f"{values.clear_px:,} pixels are not opaque, so their value may not be meant",
                         'export it without alpha, or declare "alpha": "drop" to ignore it')
    return {"binary": _binary, "index": _index, "palette": _palette, "colours": _colours}[encoding["kind"]](
        values, encoding, path)


def _binary(values: MaskValues, encoding: Mapping[str, Any], path: str) -> Classes:
    grey = _as_grey(values, path)
    threshold, foreground = encoding.get("threshold"), encoding.get("foreground", GREY_LEVELS)
    if values.storage == "grey" and values.bits == 1:
        return _sum(grey, {value: int(value > 0) for value in grey})
    if threshold is not None:
        if threshold and max(grey) == 1 and not values.is_lossy:
            raise InputError(path, f"holds only the values 0 and 1, all below the threshold {threshold}",
                             'declare "foreground": 1 instead of the threshold')
        return _sum(grey, {value: int(value > threshold) for value in grey})
    table = {0: 0, foreground: 1}
    mend = 'declare "threshold": 127 if grey edges are meant, or "kind": "index" if these are classes'
    return _declared(grey, table, path, f"neither 0 nor {foreground} but", mend)


def _index(values: MaskValues, encoding: Mapping[str, Any], path: str) -> Classes:
    if values.storage != "grey":
        raise InputError(path, f"is stored as {values.storage}, the other masks as grey values",
                         "export it as they are")
    declared = encoding.get("values") or {number: number for number in range(encoding["classes"])}
    table = {int(value): class_id for value, class_id in declared.items()}
    return _declared(values.counts, table, path, "of undeclared values:",
                     'mend the mask, or declare which class each value is in "values"')


def _palette(values: MaskValues, encoding: Mapping[str, Any], path: str) -> Classes:
    if values.storage != "palette":
        raise InputError(path, "expected a palette picture, as the other masks are", "export it as they are")
    return _declared(values.counts, {index: index for index in range(encoding["classes"])}, path,
                     "of undeclared indices:", f'declare more "classes" than {encoding["classes"]}, or mend the mask')


def _colours(values: MaskValues, encoding: Mapping[str, Any], path: str) -> Classes:
    if values.beyond:
        raise InputError(path, "has too many colours for a mask", "export it as PNG with one colour per class")
    keys = {part[0] | part[1] << 8 | part[2] << 16: int(class_id) for class_id, part in encoding["table"].items()}
    shown: Counter[int] = Counter()
    for value, count in (_as_grey(values, path) if values.storage == "grey" else values.counts).items():
        shown[values.shown[value] if values.storage == "palette" else
              value * 0x010101 if values.storage == "grey" else value] += count
    wrong = [key for key in shown if key not in keys]
    if wrong:
        count = sum(shown[key] for key in wrong)
        raise InputError(path, f"{count:,} pixels have undeclared colours: {named_colours(np.array(wrong))}",
                         'mend the mask, or add them to "table"')
    return _sum(shown, keys)


def _as_grey(values: MaskValues, path: str) -> Mapping[int, int]:
    """Return the grey values as one sees them -> pixels."""
    if values.storage == "grey":
        step = GREY_LEVELS // (2**values.bits - 1) if values.bits < 8 else 1
        return {value * step: count for value, count in values.counts.items()}
    if values.beyond:
        raise InputError(path, "is coloured, in a set of grey masks", "export it as the other masks are")
    shown = values.shown or {key: key for key in values.counts}
    grey: Counter[int] = Counter()
    for value, count in values.counts.items():
        red, green, blue = colours_of(np.array([shown[value]]))[0].tolist()
        if not red == green == blue:
            raise InputError(path, f"{count:,} pixels are coloured, say ({red}, {green}, {blue}), in a set of grey "
                             "masks", "export it as the other masks are")
        grey[red] += count
    return grey


def _declared(counts: Mapping[int, int], table: Mapping[int, int], path: str, how: str, mend: str) -> Classes:
    wrong = [value for value in counts if value not in table]
    if wrong:
        pixels = sum(counts[value] for value in wrong)
        raise InputError(path, f"{pixels:,} pixels are {how} {named_values(np.array(wrong))}", mend)
    return _sum(counts, table)


def _sum(counts: Mapping[int, int], table: Mapping[int, int]) -> Classes:
    classes: Counter[int] = Counter()
    for value, count in counts.items():
        classes[table[value]] += count
    return dict(classes)
