"""One pass over all files of a data set, in parallel processes."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from monai_seg.check.case import CheckedCase
from monai_seg.check.image_facts import ImageFacts, image_facts
from monai_seg.check.mask_facts import MaskFacts, mask_facts
from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.errors import InputError
from monai_seg.freed_memory import keep_freed_memory

CHUNK = 8  # cases per message to a process
FEW = 64  # below, starting processes costs more than it gains


@dataclass(frozen=True)
class CaseFacts:
    """What was read of a case; None and an error for what could not be."""

    image: ImageFacts | None = None
    mask: MaskFacts | None = None
    errors: tuple[tuple[str, InputError], ...] = field(default=())


def scan(
    cases: Sequence[CheckedCase],
    encoding: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Callable[[], object] = lambda: None,
) -> list[CaseFacts]:
    """Return the facts of each case, in order.

    Args:
        cases: what to read.
        encoding: the declared mask encoding, or None.
        workers: processes; None for one per core, or none at all where there are few cases.
        progress: called after each case.

    Raises:
        InputError: the encoding is impossible.
    """
    if encoding is not None:
        parse_encoding(encoding)
    look = partial(look_at, encoding=encoding)
    count = workers if workers is not None else (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity")
                                                 else os.cpu_count() or 1)
    facts: list[CaseFacts] = []
    with _mapper(count if workers is not None or len(cases) > FEW else 1) as mapper:
        for found in mapper(look, cases):
            facts.append(found)
            progress()
    return facts


def look_at(case: CheckedCase, encoding: Mapping[str, Any] | None) -> CaseFacts:
    """Read image and mask of ``case``; what is wrong with one does not hide the other."""
    errors: list[tuple[str, InputError]] = []
    image = mask = None
    try:
        image = image_facts(case.image) if case.image is not None else None
    except InputError as error:
        errors.append(("unreadable image", error))
    try:
        kind = parse_encoding(encoding) if encoding is not None else None
        mask = mask_facts(case.label, kind) if case.label is not None else None
    except InputError as error:
        errors.append(("unreadable mask" if encoding is None else "mask does not fit", error))
    return CaseFacts(image, mask, tuple(errors))


@contextmanager
def _mapper(workers: int) -> Iterator[Callable[[Callable, Sequence], Iterator]]:
    keep_freed_memory()
    if workers < 2:
        yield map
        return
    # fork where it is safe: imports are then paid once; the parent has no threads at work here
    method = "fork" if sys.platform == "linux" else "spawn"
    with ProcessPoolExecutor(workers, multiprocessing.get_context(method), keep_freed_memory) as pool:
        yield partial(pool.map, chunksize=CHUNK)
