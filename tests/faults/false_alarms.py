"""What check-data says of clean data sets: nothing, and settings that read every mask right."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np
from clean_sets import IMAGES, LISTED, MASKS, write_set

from monai_seg.check import check_data, list_cases
from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.errors import InputError

BLURRED = ("JPEG", "grey edges")  # masks that come back with some other pixels along the edge
EDGE_SHARE = 0.02


class CleanResult(NamedTuple):
    """Pairs looked at, findings in words (all are false alarms), and pairs whose mask the proposed encoding misread."""

    pairs: int
    alarms: list[str]
    misread: list[str]


def check_clean_sets(folder: Path, pairs: int, per_set: int) -> CleanResult:
    """Check about ``pairs`` clean pairs, ``per_set`` of each combination of modes, until all modes were met."""
    kinds = list(zip(*_in_turn(max(1, pairs // per_set)), strict=True))
    alarms: list[str] = []
    misread: list[str] = []
    for number, (image_kind, mask_kind) in enumerate(kinds):
        place = folder / f"set_{number}"
        truths = write_set(place, image_kind, mask_kind, per_set, seed=number)
        cases = list_cases(place)
        report = check_data(cases, workers=1)
        alarms += [f"{image_kind} with {mask_kind}: {finding.severity} {finding.line}" for finding in report.findings
                   if finding.severity != "note"]
        for case, truth in zip(cases.cases, truths, strict=True):
            if not _reads(report.encoding, case.label, truth, mask_kind in BLURRED):
                misread.append(f"{image_kind} with {mask_kind}: {case.name} by {report.encoding}")
    return CleanResult(len(kinds) * per_set, alarms, misread)


def _in_turn(sets: int) -> tuple[list[str], list[str]]:
    images, masks = cycle(IMAGES), cycle((*MASKS, *LISTED))
    return [next(images) for _ in range(sets)], [next(masks) for _ in range(sets)]


def _reads(encoding: object, label: object, truth: np.ndarray, is_blurred: bool) -> bool:
    if encoding is None:
        return False
    kind = parse_encoding(encoding)  # type: ignore[arg-type]
    try:
        mask = kind.decode(kind.load(label if isinstance(label, str) else list(label)))  # type: ignore[call-overload]
    except InputError:
        return False
    return float(np.mean(mask != truth)) <= (EDGE_SHARE if is_blurred else 0)
