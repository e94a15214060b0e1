"""What the scores of a class are called: ``dice_lung`` where classes have names, ``dice_1`` where they have none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monai_seg.errors import InputError
from monai_seg.metrics.lesion_size import NAMES as SIZES

TAKEN = ("positive", "pooled", "penalised", *SIZES)  # dice_positive, dice_small, ... mean something else


def class_suffixes(num_classes: int, class_names: Sequence[str] | None, id: str = "class_names") -> list[str]:
    """Return the suffix of class 0, 1, ...: the name in lower case, all but letters and digits as ``_``.

    Args:
        num_classes: how many names there must be.
        class_names: of all classes, the background included; None for numbers.
        id: config id that held the names, for the error.

    Raises:
        InputError: another number of names, or two scores would have one name.
    """
    if class_names is None:
        return [str(number) for number in range(num_classes)]
    if len(class_names) != num_classes:
        raise InputError(id, f"{len(class_names)} names for {num_classes} classes",
                         "name each class once, the background first")
    suffixes = [re.sub(r"\W+", "_", str(name).strip().lower()).strip("_") for name in class_names]
    joined = {f"{taken}_{suffix}" for taken in TAKEN for suffix in suffixes}  # dice_small of class nucleus
    for number, suffix in enumerate(suffixes):
        if not suffix or suffix in TAKEN or suffix in suffixes[:number] or suffix in joined:
            raise InputError(id, f"{class_names[number]!r} makes no name for the scores of a class",
                             f"give each class a name of its own that is none of {', '.join(TAKEN)}, "
                             "and not one of them before another class's")
    return suffixes
