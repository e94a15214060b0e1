"""JSON as this repository writes it: two spaces, lines of 120 at most, what is short on one line."""

from __future__ import annotations

import json
import textwrap
from typing import Any

WIDTH = 120


def narrow_json(value: Any) -> str:
    """Return the text of ``value``; the outermost level always has a line for each entry."""
    return _text(value, 0, 0, True) + "\n"


def paragraph(text: str) -> str | list[str]:
    """Return a description as it goes into ``_desc_``: one text, or a list of texts where it is too long for a line."""
    lines = textwrap.wrap(text.replace("#", "no. "), WIDTH - 30)
    return lines[0] if len(lines) == 1 else lines


def _text(value: Any, indent: int, used: int, is_outermost: bool = False) -> str:
    """Return ``value`` for a line on which ``used`` characters stand before it."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (not is_outermost and used + len(flat) < WIDTH):
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        keys = [json.dumps(key, ensure_ascii=False) + ": " for key in value]
        parts = [inner + key + _text(part, indent + 2, len(inner) + len(key))
                 for key, part in zip(keys, value.values(), strict=True)]
        return "{\n" + ",\n".join(parts) + "\n" + " " * indent + "}"
    parts = [inner + _text(part, indent + 2, len(inner)) for part in value]
    return "[\n" + ",\n".join(parts) + "\n" + " " * indent + "]"
