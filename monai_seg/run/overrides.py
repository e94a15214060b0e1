"""Ids overridden on the command line of our own commands, as MONAI's ``run`` takes them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from monai_seg.errors import InputError


def parse_overrides(words: Sequence[str]) -> dict[str, Any]:
    """Return ids and values of ``--id value`` and ``--id=value``; values are Python literals, or text as it stands.

    Raises:
        InputError: a word that is no id, or an id without a value.
    """
    overrides: dict[str, Any] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("--") or len(word) < 3:
            raise InputError(word, "stands where an id was expected", "write --id value, as for a training")
        id, equals, value = word[2:].partition("=")
        if not equals:
            if not rest:
                raise InputError(word, "has no value", "write --id value")
            value = rest.pop(0)
        overrides[id] = _literal(value)
    return overrides


def _literal(value: str) -> Any:
    if value in ("true", "false", "null"):
        return {"true": True, "false": False, "null": None}[value]
    try:
        return ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return value
