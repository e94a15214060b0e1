"""The closed dialect of our configs, checked by reading them.

MONAI's configs are programs. Ours keep to references, components that can be imported, and short expressions; whatever
has an ``if`` or a ``for`` is a named function. That makes them fit to be read and checked. It makes no sandbox: a
component may do anything, so a foreign bundle is still to be trusted or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pydoc import ErrorDuringImport, locate
from typing import TYPE_CHECKING, Any

from monai_seg.bundle.confined import path_problem
from monai_seg.bundle.expression import REFERENCE, expression_problems
from monai_seg.bundle.walk import walk

if TYPE_CHECKING:
    from monai.bundle.config_item import ComponentLocator

METRIC_NAME = re.compile(r"(train|val|test)_[a-z][a-z0-9_]*")
METRIC_GROUPS = re.compile(r"(train|validate)::(key_metric|additional_metrics)")


def config_problems(config: Mapping[str, Any]) -> list[str]:
    """Return what in a flattened config is not of our dialect, a line for each: the id, the cause and the mend.

    Refused are imports, lambdas, f-strings, comprehensions, conditions, assignments and private names in expressions;
    names and calls other than those listed in expression.py; paths out of the folder; ``#``, which MONAI replaces;
    components that cannot be imported; macros; and in training metric names other than ``{split}_{score}``.
    """
    from monai.bundle.config_item import ComponentLocator  # seconds: torch comes with it

    locator = ComponentLocator()
    return [f"{where}: {problem}" for where, value in walk(config) for problem in _problems(where, value, locator)]


def _problems(where: str, value: Any, locator: ComponentLocator) -> Iterator[str]:
    *above, key = where.split("::")
    if key == "_desc_" or "_desc_" in above:
        return
    if METRIC_GROUPS.fullmatch(where) and isinstance(value, Mapping):
        yield from _metric_name_problems(value, above[0])
    if not isinstance(value, str):
        return
    if "#" in value:
        yield "holds a #, which MONAI turns into ::; write :: or do without"
    if value.startswith("%"):
        yield f"{value} is a macro; flatten the config first"
    elif value.startswith("$"):
        yield from expression_problems(value[1:])
    elif problem := path_problem(value):
        yield f"{value!r} {problem}; write a path relative to the repository root"
    elif key == "_target_" and not REFERENCE.fullmatch(value):
        yield from _target_problems(value, locator)


def _metric_name_problems(metrics: Mapping[str, Any], phase: str) -> Iterator[str]:
    split = {"train": "train", "validate": "val"}[phase]
    for name in metrics:
        if not METRIC_NAME.fullmatch(name) or not name.startswith(f"{split}_"):
            yield f"the metric is called {name!r}; call it {split}_<score>"


def _target_problems(target: str, locator: ComponentLocator) -> Iterator[str]:
    modules = locator.get_component_module_name(target)
    if isinstance(modules, list):
        yield f"{target!r} is in {' and in '.join(modules)}; write the full name"
        return
    name = f"{modules}.{target}" if modules else target
    try:
        found = locate(name)
    except ErrorDuringImport as error:
        yield f"{target!r} cannot be imported ({error.value})"
        return
    if not callable(found):
        yield f"{target!r} is not found; spell it as MONAI does, or write the full name"
