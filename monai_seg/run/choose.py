"""Choosing by name in a config, with an answer for a name that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monai_seg.errors import InputError


def choose(id: str, name: str, of: Mapping[str, Any]) -> Any:
    """Return ``of[name]``; ``id`` is the config id that held the name.

    Raises:
        InputError: no such name; the line lists the choices.
    """
    if name not in of:
        raise InputError(id, f"{name!r} is no choice", f"choose one of {', '.join(of)}")
    return of[name]
