"""JSON that every reader reads alike."""

from __future__ import annotations

import json
import math
from typing import Any

from monai_seg.bundle.inspect.limits import JSON_BYTES, JSON_DEEP


def read_json(data: bytes, most: int = JSON_BYTES) -> Any:
    """Return the content of a JSON text.

    Raises:
        ValueError: it is no JSON in plain UTF-8, too long or too deep, names a key twice, or holds a number that is
            none; the text is the cause.
    """
    if len(data) > most:
        raise ValueError(f"is longer than {most} bytes")
    try:
        content = json.loads(data.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_refuse,
                             parse_float=_finite)
        _measure(content)
    except RecursionError:
        raise ValueError(f"is nested deeper than {JSON_DEEP}") from None
    except UnicodeDecodeError:
        raise ValueError("is no text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON (line {error.lineno}: {error.msg})") from None
    return content


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"names the key {next(key for key in keys if keys.count(key) > 1)!r} twice")
    return found


def _refuse(name: str) -> Any:
    raise ValueError(f"holds {name}, which is no number")


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError(f"holds {text[:20]}, which is beyond all numbers")
    return float(text)


def _measure(content: Any, depth: int = 0) -> None:
    if depth > JSON_DEEP:
        raise ValueError(f"is nested deeper than {JSON_DEEP}")
    if isinstance(content, str) and not _is_writable(content):
        raise ValueError("holds half of a character (a lone surrogate)")
    inner = content.items() if isinstance(content, dict) else ((None, item) for item in content) \
        if isinstance(content, list) else ()
    for key, value in inner:
        if key is not None and not _is_writable(key):
            raise ValueError("holds half of a character (a lone surrogate)")
        _measure(value, depth + 1)


def _is_writable(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)
