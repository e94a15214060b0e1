"""Every value of a config with its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def walk(config: Any, where: str = "") -> list[tuple[str, Any]]:
    """Return every value of a nested config with its id, depth first, containers before what they hold."""
    items: list[tuple[str, Any]] = [(where, config)] if where else []
    pairs = config.items() if isinstance(config, Mapping) else enumerate(config) if isinstance(config, list) else ()
    for key, value in pairs:
        items += walk(value, f"{where}::{key}" if where else str(key))
    return items
