"""Propose the mask encoding that fits the values found over a whole data set, and say on what evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monai_seg.check.case import Label
from monai_seg.check.mask_facts import GREY_LEVELS, MIDDLE, MaskFacts
from monai_seg.check.mask_values import MaskValues
from monai_seg.data.mask_pixels import colours_of
from monai_seg.data.palette_mask import voc_colour

ODD_SHARE = 0.02  # so many masks may be at odds with the others: they are findings, not evidence
FEWEST_FOR_ODD = 10  # among fewer masks none is taken for odd
MOST_CLASSES = 32
DARK, BRIGHT = 32, 223  # grey values up to and from here on are clearly background and foreground
CLEAR_SHARE = 0.95  # of pixels outside of the grey edge
MOST_NAMED = 6


@dataclass(frozen=True)
class Proposal:
    """The encoding to declare, or None where nothing fits, with its evidence in one sentence."""

    encoding: dict[str, Any] | None
    evidence: str


def propose_encoding(
    facts: Sequence[MaskFacts], labels: Sequence[Label], sizes: Sequence[tuple[int, int] | None]
) -> Proposal:
    """Return the encoding that most masks agree on.

    Args:
        facts: of the masks that could be read, without a declared encoding.
        labels: of the same masks.
        sizes: (H, W) of their images, or None.
    """
    if not facts:
        return Proposal(None, "no mask could be read")
    storage = Counter(fact.storage for fact in facts).most_common(1)[0][0]
    if storage == "rle":
        return _rle(sizes)
    if storage == "files":
        return _files(facts, labels)
    evidence = [fact.values for fact in facts if fact.values is not None]
    telling = [values for values in evidence if values.beyond or set(values.counts) - {0}] or evidence
    stored = Counter(values.storage for values in telling).most_common(1)[0][0]
    chosen = [values for values in telling if values.storage == stored]
    return {"grey": _grey, "palette": _palette, "colours": _colours}[stored](chosen, len(evidence))


def _rle(sizes: Sequence[tuple[int, int] | None]) -> Proposal:
    found = Counter(size for size in sizes if size is not None)
    if len(found) != 1:
        return Proposal(None, f"run lengths need one size of all images, found {len(found)}")
    height, width = next(iter(found))
    return Proposal({"kind": "rle", "height": height, "width": width},
                    f"labels are rows of a table; all images are {height} x {width}")


def _files(facts: Sequence[MaskFacts], labels: Sequence[Label]) -> Proposal:
    numbers = {fact.files for fact in facts}
    levels = Counter(level for fact in facts for level in fact.levels)
    common = [level for level, count in levels.items() if count > _odd_ones(len(facts))]
    if any(isinstance(label, str) for label in labels) or len(numbers) > 1:
        encoding: dict[str, Any] = {"kind": "files", "per": "instance"}
    else:
        encoding = {"kind": "files", "per": "class", "classes": next(iter(numbers)) + 1}
    if len(common) == 1 and common[0] != GREY_LEVELS:
        encoding["foreground"] = common[0]
    elif len(common) > 1:
        encoding["threshold"] = MIDDLE
    return Proposal(encoding, f"{len(facts)} masks in {min(numbers)} to {max(numbers)} files each; "
                    f"{_named(levels, 'masks')}")


def _grey(chosen: Sequence[MaskValues], masks: int) -> Proposal:
    files = Counter(value for values in chosen for value in values.counts if value)
    told = f"{masks} grey masks; {_named(files, 'masks')}"
    if not files:
        return Proposal({"kind": "binary"}, f"{masks} masks, all of them empty")
    foreground, _ = files.most_common(1)[0]
    if any(values.is_lossy for values in chosen) or len(files) > MOST_CLASSES:
        foreground = max(files)
    if _at_odds(chosen, {0, foreground}) <= _odd_ones(len(chosen)):
        if all(values.bits == 1 for values in chosen):
            return Proposal({"kind": "binary"}, told)
        return Proposal({"kind": "binary", "foreground": foreground} if foreground != 255 else {"kind": "binary"}, told)
    common = [value for value in sorted({0, *files}) if not value or files[value] > _odd_ones(len(chosen))]
    is_blurred = any(values.is_lossy for values in chosen) or len(common) > MOST_CLASSES
    if is_blurred and foreground > BRIGHT and _clear_share(chosen) >= CLEAR_SHARE:
        return Proposal({"kind": "binary", "threshold": MIDDLE},
                        f"{masks} grey masks; {_clear_share(chosen):.1%} of the pixels are below {DARK + 1} or above "
                        f"{BRIGHT - 1}, the rest are edges")
    if len(common) > MOST_CLASSES or is_blurred:
        return Proposal(None, f"{masks} grey masks with {len(files)} values: neither classes nor edges")
    if common == list(range(len(common))):
        return Proposal({"kind": "index", "classes": len(common)}, told)
    values = {str(value): class_id for class_id, value in enumerate(common)}
    return Proposal({"kind": "index", "classes": len(common), "values": values}, told)


def _palette(chosen: Sequence[MaskValues], masks: int) -> Proposal:
    files = Counter(index for values in chosen for index in values.counts)
    common = [index for index, count in files.items() if not index or count > _odd_ones(len(chosen))]
    return Proposal({"kind": "palette", "classes": max(2, max(common, default=1) + 1)},
                    f"{masks} palette masks; {_named(files, 'masks', 'index')}")


def _colours(chosen: Sequence[MaskValues], masks: int) -> Proposal:
    files = Counter(key for values in chosen for key in values.counts)
    common = [key for key, count in files.items() if count > _odd_ones(len(chosen))]
    if not 1 <= len(common) <= MOST_CLASSES or any(values.is_lossy for values in chosen):
        beyond = sum(values.beyond > 0 for values in chosen)
        return Proposal(None, f"{masks} masks in {len(files)} colours ({beyond} with more than a mask has), so no "
                        "table of colours; export them as PNG with one colour per class")
    colours = _in_order(chosen, common if 0 in common or len(common) > 1 else [0, *common])
    return Proposal({"kind": "colours", "table": {str(number): colour for number, colour in enumerate(colours)}},
                    f"{masks} masks in {len(files)} colours; which class is which colour is for you to say")


def _in_order(chosen: Sequence[MaskValues], keys: Sequence[int]) -> list[list[int]]:
    """Return the colours in the order of PASCAL VOC where all are of it; else the background, then by red, green, blue.

    The background is black, or where there is no black the colour of most pixels.
    """
    colours = sorted(colours_of(np.array(keys)).tolist())
    known = [list(voc_colour(class_id)) for class_id in range(MOST_CLASSES)]
    if all(colour in known for colour in colours):
        return sorted(colours, key=known.index)
    pixels: Counter[int] = Counter()
    for values in chosen:
        pixels.update({key: count for key, count in values.counts.items() if key in keys})
    background = colours_of(np.array([0 if 0 in keys else pixels.most_common(1)[0][0]])).tolist()[0]
    return [background, *(colour for colour in colours if colour != background)]


def _at_odds(chosen: Sequence[MaskValues], values: set[int]) -> int:
    return sum(not set(one.counts) <= values for one in chosen)


def _odd_ones(masks: int) -> int:
    return 0 if masks < FEWEST_FOR_ODD else max(1, int(ODD_SHARE * masks))


def _clear_share(chosen: Sequence[MaskValues]) -> float:
    counts: Counter[int] = Counter()
    for values in chosen:
        counts.update(values.counts)
    clear = sum(count for value, count in counts.items() if value <= DARK or value >= BRIGHT)
    return clear / max(1, sum(counts.values()))


def _named(files: Counter[int], noun: str, what: str = "value") -> str:
    named = ", ".join(f"{what} {value} in {count} {noun}" for value, count in files.most_common(MOST_NAMED))
    return named + (f" and {len(files) - MOST_NAMED} more values" if len(files) > MOST_NAMED else "")
