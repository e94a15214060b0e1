"""The search space: which ids of a config are tried, and over what values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai_seg.bundle.flatten import flatten
from monai_seg.errors import InputError
from monai_seg.run.settings import RULES, check_setting

SPACES, DEFAULT = Path("bundles/tune"), Path("bundles/tune/default.json")
BOUNDS = {"low", "high", "log", "step"}
FORM = '{"choices": [...]}, or {"low": 0.0001, "high": 0.01, "log": true}'
Space = dict[str, dict[str, Any]]


def read_space(path: Path, config_file: Path) -> Space:
    """Return id -> ``choices``, or ``low`` and ``high`` with ``log`` or ``step``.

    A range whose bounds are whole numbers gives whole numbers. An id within another one is named as ``loss::loss``.

    Args:
        path: the space as JSON.
        config_file: train.json, to which the ids belong.

    Raises:
        InputError: it cannot be read; an id is not in the config or lies in a fragment; a range or a value is wrong.
    """
    try:
        space = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", "name a search space with --space") from error
    except ValueError as error:
        raise InputError(path, f"is no JSON ({error})", "mend it") from error
    if not isinstance(space, dict) or not space:
        raise InputError(path, "is no search space", f'write {{"learning_rate": {FORM}}}')
    sources, config = json.loads(config_file.read_text(encoding="utf-8")), flatten(config_file)
    for id, values in space.items():
        _check_id(path, id, sources, config)
        _check_values(path, id, values)
    return space


def space_of(bundle: Path) -> Path:
    """Return the file of the space that is meant for ``bundle``, else of the one for any."""
    own = SPACES / f"{bundle.absolute().name}.json"
    return own if own.is_file() else DEFAULT


def label_of(value: Any) -> Any:
    """Return the choice as it is stored and shown: itself, or its JSON where it is a list or an object."""
    return json.dumps(value) if isinstance(value, list | dict) else value


def short_label(label: Any) -> str:
    """Return a stored value in a few letters: of a path its file, of an object its class and the ends of its list."""
    if isinstance(label, float):
        return f"{label:.3g}"
    text = str(label)
    value = json.loads(text) if text.startswith("{") else None
    if value is None:
        name = text.rsplit("/", 1)[-1].removesuffix(".json")
        return name.rsplit(".", 1)[-1] if re.fullmatch(r"[A-Za-z_]\w*(\.\w+)+", name) else name
    name = str(value.get("_target_", "object")).rsplit(".", 1)[-1]
    ends = next((f" {part[0]}-{part[-1]}" for part in value.values() if isinstance(part, list) and part), "")
    return name + ends


def chosen(space: Space, labels: Mapping[str, Any]) -> dict[str, Any]:
    """Return the overlay that a trial's stored values mean."""
    return {id: next((value for value in space[id].get("choices", ()) if label_of(value) == label), label)
            for id, label in labels.items()}


def _check_id(path: Path, id: str, sources: Any, config: Any) -> None:
    for part in id.split("::"):
        if isinstance(sources, str) and sources.startswith("%"):
            raise InputError(path, f"{id} lies in the fragment {sources[1:]}", "give whole fragments or objects as "
                             f"choices of {id.split('::')[0]}")
        if not isinstance(config, dict) or part not in config:
            raise InputError(path, f"{id} is no id of the config", "name ids of train.json, one within another as a::b")
        config = config[part]
        sources = sources.get(part) if isinstance(sources, dict) else None


def _check_values(path: Path, id: str, values: Any) -> None:
    if not isinstance(values, dict):
        raise InputError(path, f"{id} is neither choices nor a range", f"write {FORM}")
    if set(values) == {"choices"} and isinstance(values["choices"], list) and values["choices"]:
        tried = values["choices"]
    elif {"low", "high"} <= set(values) <= BOUNDS and all(_is_number(values[key]) for key in ("low", "high")):
        tried = [values["low"], values["high"]]
        if not tried[0] < tried[1] or (values.get("log") and (tried[0] <= 0 or values.get("step") is not None)):
            raise InputError(path, f"{id} is a range from {tried[0]} to {tried[1]}",
                             "let low be below high, with log above 0 and without step")
    else:
        raise InputError(path, f"{id} is neither choices nor a range", f"write {FORM}")
    for value in tried:
        if id in RULES and not isinstance(value, dict) and not str(value).startswith(("$", "@", "%")):
            try:
                check_setting(id, value)
            except InputError as error:
                raise InputError(path, f"{id} {error.cause}", "mend the search space") from error


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
