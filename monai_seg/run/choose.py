"""Choosing by name in a config, with an answer for a name that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monai_seg.errors import InputError
from monai_seg.transforms.quick_resize import quicken_resizes


def choose(id: str, name: str, of: Mapping[str, Any]) -> Any:
    """Return ``of[name]``; ``id`` is the config id that held the name. Entries such as ``_desc_`` are no choices.

    Pictures that MONAI's `Resized` in it would shrink are shrunk the quick way, to the same pixels.

    Raises:
        InputError: no such name; the line lists the choices.
    """
    choices = [choice for choice in of if not choice.startswith("_")]
    if name not in choices:
        raise InputError(id, f"{name!r} is no choice", f"choose one of {', '.join(choices)}")
    return quicken_resizes(of[name])


def component(of: Any) -> Any:
    """Return ``of``: stands in a list for what is defined elsewhere, as MONAI's checks want definitions in lists."""
    return of
