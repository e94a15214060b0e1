"""Settings that are on or off: MONAI's command line gives ``false`` as a text, and a text counts as true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from monai_seg.errors import InputError


def as_switch(id: str, value: Any, others: Sequence[str] = ()) -> Any:
    """Return True or False for ``value``, a bool or its name, or ``value`` itself where it is in ``others``.

    Args:
        id: config id that held the value, for the error.
        value: as it came from a config or the command line.
        others: further words that are allowed.

    Raises:
        InputError: it is none of these.
    """
    word = str(value).lower()
    if word in ("true", "false"):
        return word == "true"
    if value in others:
        return value
    choices = ["true", "false", *others]
    raise InputError(id, f"{value!r} is no choice", f"give {', '.join(choices[:-1])} or {choices[-1]}")
