"""The closed dialect of our configs, checked by reading them.

MONAI's configs are programs. Ours keep to references, components that can be imported, and short expressions; whatever
has an ``if`` or a ``for`` is a named function. That makes them fit to be read and checked. It makes no sandbox: a
component may do anything, so a foreign bundle is still to be trusted or not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pydoc import ErrorDuringImport, locate
from typing import Any

from monai.bundle.config_item import ComponentLocator

from monai_seg.bundle.flatten import walk

NAMES = frozenset({
    "monai", "torch", "np", "numpy",
    "abs", "bool", "dict", "float", "int", "len", "list", "max", "min", "range", "round", "sorted", "str", "sum",
    "tuple",
})
REFERENCE = re.compile(r"@\w+(::\w+)*")
METRIC_NAME = re.compile(r"(train|val|test)_[a-z][a-z0-9_]*")
METRIC_GROUPS = re.compile(r"(train|validate)::(key_metric|additional_metrics)")
ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:[\\/]")
REFUSED = {
    ast.Lambda: "a lambda", ast.JoinedStr: "an f-string", ast.NamedExpr: "an assignment", ast.IfExp: "an if",
    ast.ListComp: "a comprehension", ast.SetComp: "a comprehension", ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension", ast.Await: "an await", ast.Yield: "a yield", ast.YieldFrom: "a yield",
}


def config_problems(config: Mapping[str, Any]) -> list[str]:
    """Return what in a flattened config is not of our dialect, a line for each: the id, the cause and the mend.

    Refused are imports, lambdas, f-strings, comprehensions, conditions, assignments and private names in expressions;
    names other than `NAMES`; absolute paths; ``#``, which MONAI replaces; components that cannot be imported; macros;
    and in training metric names other than ``{split}_{score}``.
    """
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
        yield from _expression_problems(value[1:])
    elif ABSOLUTE.match(value):
        yield f"{value!r} is an absolute path; write it relative to the repository root"
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


def _expression_problems(expression: str) -> Iterator[str]:
    try:
        tree = ast.parse(REFERENCE.sub("reference", expression).strip())
    except SyntaxError as error:
        yield f"${expression} is no expression ({error.msg})"
        return
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        yield f"${expression} is a statement; an expression alone is allowed"
        return
    appended = {id(node.right) for node in ast.walk(tree) if isinstance(node, ast.BinOp)}
    for node in ast.walk(tree):
        problem = _node_problem(node, is_appended=id(node) in appended)
        if problem:
            yield f"${expression} {problem}"


def _node_problem(node: ast.AST, is_appended: bool) -> str:
    if type(node) in REFUSED:
        return f"holds {REFUSED[type(node)]}; write a named function"
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    if name.startswith("_"):
        return f"uses the private name {name}"
    if isinstance(node, ast.Name) and name not in NAMES | {"reference"}:
        return f"uses {name}; allowed are references and {', '.join(sorted(NAMES))}"
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    if ABSOLUTE.match(text) and not is_appended:  # @output_dir + '/tensorboard' is relative all the same
        return f"holds the absolute path {text!r}"
    return ""
