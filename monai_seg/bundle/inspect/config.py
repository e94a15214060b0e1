"""A config as MONAI would read it, flattened and held against the lists; nothing is built or evaluated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from monai_seg.bundle.confined import path_problem
from monai_seg.bundle.expression import REFERENCE, expression_problems
from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.targets import (
    KEPT,
    MODES,
    NAMES_OF_CODE,
    NEVER,
    READERS,
    SOURCE_ALONE,
    full_name,
)
from monai_seg.bundle.walk import walk

USE_LISTED = "use what monai_seg/bundle/inspect/targets.py lists, or read it and trust its author"
WRITE_PLAIN = "write it out plainly"
SAFE = {"weights_only": True, "allow_pickle": False}
POWER = re.compile(r"\*\*\s*(@\w+(?:::\w+)*)", re.ASCII)
MOST_BITS = 64
LONGEST_CHAIN = 50  # references behind each other
Told = Iterator[tuple[str, str]]  # cause and mend


def check_config(file: str, config: Any, is_packed: bool) -> Iterator[Finding]:
    """Refuse what a flattened config could do beyond building what is listed from plain values.

    Args:
        file: its path, for the findings.
        config: content without macros; a macro that is left is refused.
        is_packed: its values stand written out, so none is taken from a run.
    """
    if not isinstance(config, Mapping):
        yield Finding(file, "", "is no dictionary", WRITE_PLAIN)
        return
    values = dict(walk(config))
    text_of = _texts(values)
    for where, value in [("", config), *values.items()]:
        for cause, mend in _value(where, value, values, text_of, is_packed):
            yield Finding(file, where, cause, mend)
        for name in POWER.findall(value) if isinstance(value, str) and value.startswith("$") else ():
            bits = _follow(name, values)
            if not isinstance(bits, int) or not 0 <= bits <= MOST_BITS:
                yield Finding(file, where, f"raises 2 to the power of {name}, which is {bits!r}", WRITE_PLAIN)


def check_data_json(file: str, content: Any) -> Iterator[Finding]:
    """Refuse in JSON that is data, such as metadata, what MONAI would run when it is asked for the value."""
    for where, value in [("", content), *walk(content)]:
        if isinstance(value, str) and value.startswith(("$", "%", "@")):
            yield Finding(file, where, f"{value[:60]!r} starts as code does", "write it as plain text")
        for key in value if isinstance(value, Mapping) else ():
            if key.startswith(("_", "$", "%", "@")) or "::" in key:
                yield Finding(file, where, f"has the key {key!r}, which means something to MONAI", "rename it")


def _value(where: str, value: Any, values: Mapping[str, Any], text_of: Callable[[str], str | None],
           is_packed: bool) -> Told:
    *_, key = where.split("::")
    if isinstance(value, Mapping):
        yield from _keys(value)
        yield from _arguments(value, values)
    if "_desc_" in where.split("::"):
        if isinstance(value, Mapping):
            yield "is more than text in a description, which MONAI builds when it is asked for", WRITE_PLAIN
        elif isinstance(value, str) and value.startswith(("$", "%")):
            yield f"{value[:60]!r} is code in a description", WRITE_PLAIN
        return
    if key == "_target_":
        yield from _target(value, is_packed)
    elif key == "_mode_" and value not in MODES:
        yield f"is {value!r}; it is one of {', '.join(MODES)}", WRITE_PLAIN
    elif isinstance(value, str):
        yield from _text(value, text_of)


def _keys(value: Mapping[str, Any]) -> Told:
    for key in value:
        if key.startswith("_") and key not in KEPT:
            yield f"has the key {key!r}, which means something to MONAI or to Python", "rename it"
        elif key.startswith(("$", "%", "@", "+", "-")) or "::" in key or "#" in key or not key:
            yield f"has the key {key!r}, which MONAI takes for more than a name", "rename it"


def _target(target: Any, is_packed: bool) -> Told:
    if not isinstance(target, str) or target.startswith(("$", "@", "%")):
        yield f"is {target!r}, which is known only when it runs", "write the name of the class"
    elif target in SOURCE_ALONE:
        if is_packed:
            yield f"{target} takes a part of a run that is not here", "pack writes it out"
    elif full_name(target) is None:
        yield f"{target!r} is not listed", USE_LISTED


def _arguments(value: Mapping[str, Any], values: Mapping[str, Any]) -> Told:
    for key, argument in value.items():
        if key in NEVER and argument not in (None, False):
            yield f"gives {key}, which {NEVER[key]}", "leave it out"
        elif argument is not SAFE.get(key, argument):
            yield f"gives {key} {argument!r}, which loads pickles", "leave it out"
        elif key in NAMES_OF_CODE:
            for name in argument if isinstance(argument, list) else [argument]:
                final = _follow(name, values)
                is_component = isinstance(final, Mapping) and "_target_" in final
                if final is not None and final not in READERS and not is_component:
                    yield f"gives {key} the name {final!r}, which MONAI would import and call", \
                        f"use {READERS[0]} or a listed class"


def _text(value: str, text_of: Callable[[str], str | None]) -> Told:
    if "#" in value:
        yield f"{value[:60]!r} holds a #, which MONAI turns into ::", "write :: or do without"
    if value.startswith("%"):
        yield f"{value[:60]!r} is a macro, which takes in another file", WRITE_PLAIN
    elif value.startswith("$"):
        yield from ((problem, WRITE_PLAIN) for problem in expression_problems(value[1:], text_of))
    elif value.startswith("@") and not REFERENCE.fullmatch(value):
        yield f"{value[:60]!r} is no sound reference", WRITE_PLAIN
    elif problem := path_problem(value):
        yield f"{value[:60]!r} {problem}", "write a path below the working folder"


def _follow(value: Any, values: Mapping[str, Any]) -> Any:
    """The value behind references; a chain that does not end stays a reference."""
    for _ in range(LONGEST_CHAIN):
        if not isinstance(value, str) or not REFERENCE.fullmatch(value) or value[1:] not in values:
            break
        value = values[value[1:]]
    return value


def _texts(values: Mapping[str, Any]) -> Callable[[str], str | None]:
    """What an id may come to as text: the text, "?" for one that is computed, None for what is no text."""
    known: dict[str, str | None] = {}
    chain: list[str] = []

    def text_of(where: str) -> str | None:
        if len(chain) > LONGEST_CHAIN:
            return ""  # the answer that allows least
        if where not in known:
            known[where] = "?"  # while a circle is walked
            chain.append(where)
            known[where] = of(values.get(where))
            chain.pop()
        return known[where]

    def of(value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        found = [text_of(name[1:]) for name in (match.group() for match in REFERENCE.finditer(value))]
        if value.startswith("@"):
            return found[0] if found else value
        if not value.startswith("$"):
            return value
        if "" in found or "''" in value or '""' in value:
            return ""
        makes_text = "'" in value or '"' in value or "str" in value or any(text is not None for text in found)
        return "?" if makes_text else None

    return text_of
