"""The cheap part of `check-data`, which training does before its first epoch: what decoded cases tell at no cost.

Files that cannot be read, masks that do not fit their declaration and groups in two splits are errors by then. What is
left to `check-data` alone: the test split, copies in another compression or mirrored, and names that collide.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from monai_seg.data.case_dataset import CaseDataset
from monai_seg.errors import InputError

logger = logging.getLogger(__name__)


def refuse_missing_labels(datasets: Sequence[CaseDataset]) -> None:
    """Refuse cases without ``label``, which a list may have for pictures to infer on, where samples hold one.

    Raises:
        InputError: there are some.
    """
    lacking = [case["image"] for dataset in datasets for case in dataset.data
               if "label" in dataset.keys and "label" not in case]
    if lacking:
        more = f", as {len(lacking) - 1:,} more" if len(lacking) > 1 else ""
        raise InputError(lacking[0], f"image without mask (its case has no label){more}",
                         "add the label or take the image away")


def refuse_empty_masks(datasets: Sequence[CaseDataset]) -> None:
    """Refuse data of which no mask shows anything.

    Raises:
        InputError: all masks of all data sets together are empty, and there are several.
    """
    shown = [lesion for dataset in datasets if "label" in dataset.keys for lesion in dataset.has_lesion()]
    if len(shown) > 1 and not any(shown):
        raise InputError("mask_encoding", f"all {len(shown):,} masks are empty",
                         "look whether these are the masks, and whether the encoding is theirs")


def warn_of_copies(datasets: Sequence[CaseDataset]) -> None:
    """Warn in one line of images that stand in two of ``datasets`` (splits), as a score on copies means nothing."""
    first: dict[bytes, tuple[int, str]] = {}
    leaks = []
    for place, dataset in enumerate(datasets):
        for case, digest in zip(dataset.data, dataset.digests(), strict=True):
            before, name = first.setdefault(digest, (place, case["image"])) if digest else (place, "")
            if before != place:
                leaks.append((case["image"], name))
    if leaks:
        more = f" ({len(leaks) - 1:,} more like it)" if len(leaks) > 1 else ""
        logger.warning("warning: %s shows the same as %s, which is in another split%s, so scores will flatter; keep "
                       "one of them, or run check-data for all", *leaks[0], more)
