"""Expressions of a config, read as a syntax tree and never evaluated.

What is not listed is refused: kinds of node, names, attributes, calls. MONAI puts ``__local_refs['id']`` in the place
of ``@id`` as text, also inside of quotes, where it can end a string and begin code; so references in strings are
refused.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from monai_seg.bundle.confined import path_problem

REFERENCE = re.compile(r"@\w+(::\w+)*", re.ASCII)
BUILTINS = frozenset({"abs", "bool", "dict", "float", "int", "len", "list", "max", "min", "range", "round", "sorted",
                      "str", "sum", "tuple"})
MODULES = frozenset({"monai", "torch", "np", "numpy"})
NAMES = BUILTINS | MODULES
CALLED = frozenset({"monai.handlers.from_engine", "monai.handlers.stopping_fn_from_loss",
                    "monai.handlers.stopping_fn_from_metric", "torch.cuda.is_available", "torch.device"})
READ = frozenset(f"torch.{kind}" for kind in ("bfloat16", "bool", "float16", "float32", "float64", "int16", "int32",
                                              "int64", "int8", "uint8")) | {"np.float32", "np.int64", "np.uint8"}
METHODS = frozenset({"cases", "lower", "names", "parameters", "run", "to"})  # of what a reference names, or of str(...)
ATTRIBUTES = frozenset({"test", "training", "validation"})
ALLOWED: tuple[type[ast.AST], ...] = (
    ast.Expression, ast.Load, ast.Name, ast.Constant, ast.Attribute, ast.Call, ast.keyword, ast.Subscript, ast.Tuple,
    ast.List, ast.Dict, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.UnaryOp, ast.UAdd, ast.USub,
    ast.Not, ast.BoolOp, ast.And, ast.Or, ast.Compare, ast.cmpop)
REFUSED = {
    ast.Lambda: "a lambda", ast.JoinedStr: "an f-string", ast.NamedExpr: "an assignment", ast.IfExp: "an if",
    ast.ListComp: "a comprehension", ast.SetComp: "a comprehension", ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension", ast.Await: "an await", ast.Yield: "a yield", ast.YieldFrom: "a yield",
    ast.Starred: "a star", ast.Pow: "a power", ast.Mod: "a %", ast.LShift: "a shift", ast.MatMult: "a lone @",
    ast.Slice: "a slice",
}
LONGEST, DEEPEST, GREATEST = 500, 12, 10**9
FOLDER = re.compile(r"(/[\w+*-][\w.+*\[\]-]*)+", re.ASCII)  # with the signs of glob
STANDS_FOR = "reference_"


def expression_problems(expression: str, text_of: Callable[[str], str | None] | None = None) -> Iterator[str]:
    """Yield what is not of our dialect in ``expression``, which comes without its ``$``; nothing is evaluated.

    Args:
        expression: the text.
        text_of: the text that an id of the config holds or may come to, None where it is no text; not given where the
            config is not at hand, and then texts made of several ids are not looked into.
    """
    ids: list[str] = []

    def stand_in(match: re.Match[str]) -> str:
        ids.append(match.group()[1:])
        return f" {STANDS_FOR}{len(ids) - 1}_ "  # apart from its neighbours, so that two do not become one name

    if len(expression) > LONGEST or not expression.isascii() or not expression.isprintable():
        yield f"${expression[:40]}… is longer than {LONGEST} characters or holds others than plain ones"
        return
    if STANDS_FOR in expression:
        yield f"${expression} uses the name {STANDS_FOR}, which is kept for checking"
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a text
            tree = ast.parse(REFERENCE.sub(stand_in, expression).strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield f"${expression} is no expression ({getattr(error, 'msg', '') or type(error).__name__})"
        return
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
        yield f"${expression} is a statement; an expression alone is allowed"
        return
    reader = _Reader(ids, text_of)
    reader.read(tree.body[0].value)
    yield from (f"${expression} {problem}" for problem in dict.fromkeys(reader.problems))


class _Reader:
    """One walk over a tree; ``problems`` grows."""

    def __init__(self, ids: list[str], text_of: Callable[[str], str | None] | None) -> None:
        self.ids, self.text_of = ids, text_of
        self.problems: list[str] = []

    def read(self, node: ast.AST, depth: int = 0) -> None:
        if depth > DEEPEST:
            self.problems.append(f"is nested deeper than {DEEPEST}")
            return
        if not isinstance(node, ALLOWED) or (_is_power(node) and not self._is_power_of_two(node)):
            node = node.op if isinstance(node, ast.BinOp) else node
            kind = next((text for refused, text in REFUSED.items() if isinstance(node, refused)), None)
            self.problems.append(f"holds {kind or 'a ' + type(node).__name__}; write a named function")
            return
        if isinstance(node, ast.Attribute) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            self._member(node, depth)
            return
        if isinstance(node, ast.Call):
            self._call_of_name(node)
        elif isinstance(node, ast.Name):
            self._name(node.id)
        elif isinstance(node, ast.Constant):
            self._constant(node.value)
        elif isinstance(node, ast.BinOp) and any(_is_text(side) for side in (node.left, node.right)):
            self._join(node, depth)
            return
        elif isinstance(node, ast.BinOp):
            self._arithmetic(node)
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.Pow):  # found fit with its sides, or told
                self.read(child, depth + 1)

    def _is_power_of_two(self, node: ast.AST) -> bool:
        """``2 ** @bits``: other powers grow beyond all memory."""
        return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.left, ast.Constant) \
            and node.left.value == 2 and isinstance(node.right, ast.Name) and self._is_holder(node.right)

    def _name(self, name: str) -> None:
        if name.startswith("_"):
            self.problems.append(f"uses the private name {name}")
        elif name in MODULES:
            self.problems.append(f"uses {name} itself; a listed thing of it is allowed, such as torch.float32")
        elif name not in NAMES and not name.startswith(STANDS_FOR):
            self.problems.append(f"uses {name}; allowed are references and {', '.join(sorted(NAMES))}")

    def _call_of_name(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name) or node.func.id.startswith(STANDS_FOR):
            self.problems.append("calls what is no plain name; a listed method of a reference is allowed")
        self._keywords(node, node.func.id if isinstance(node.func, ast.Name) else "")

    def _keywords(self, node: ast.Call, name: str) -> None:
        given = [str(keyword.arg) for keyword in node.keywords]
        is_strange = any(key.startswith("_") or key == "None" for key in given)
        if is_strange or (given and name != "dict" and name not in CALLED):
            self.problems.append(f"gives {name or 'a call'} the keyword {given[0]}; dict alone takes keywords")

    def _member(self, node: ast.AST, depth: int) -> None:
        """A listed name below a module, or a listed method or attribute of a reference."""
        called = isinstance(node, ast.Call)
        member = node.func if isinstance(node, ast.Call) else node
        assert isinstance(member, ast.Attribute)
        name = _dotted(member)
        private = next((part for part in name.split(".") if part.startswith("_")), "")
        if private:
            self.problems.append(f"uses the private name {private}")
        elif name.split(".")[0] in MODULES:
            if name not in (CALLED if called else READ):
                self.problems.append(f"{'calls' if called else 'uses'} {name}, which is not listed")
        elif member.attr not in (METHODS if called else ATTRIBUTES) or not self._is_holder(member.value):
            self.problems.append(f"{'calls' if called else 'uses'} .{member.attr}, which is not listed")
        if name.split(".")[0] not in MODULES:
            self.read(member.value, depth + 1)
        if isinstance(node, ast.Call):
            self._keywords(node, name)
            for child in (*node.args, *(keyword.value for keyword in node.keywords)):
                self.read(child, depth + 1)

    def _is_holder(self, node: ast.AST) -> bool:
        return self._reference(node) is not None

    def _reference(self, node: ast.AST) -> str | None:
        """The id in ``@id`` and ``str(@id)``; None for all else."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" \
                and len(node.args) == 1 and not node.keywords:
            node = node.args[0]
        if isinstance(node, ast.Name) and node.id.startswith(STANDS_FOR):
            return self.ids[int(node.id[len(STANDS_FOR):-1])]
        return None

    def _constant(self, value: Any) -> None:
        if isinstance(value, str):
            if STANDS_FOR in value:
                self.problems.append("holds a reference inside of quotes, where it could end the text")
            elif problem := path_problem(value):
                is_absolute = problem == "is an absolute path"
                self.problems.append(f"holds the absolute path {value!r}" if is_absolute
                                     else f"holds {value!r}, which {problem}")
        elif isinstance(value, int | float) and not isinstance(value, bool) and not abs(value) <= GREATEST:
            self.problems.append(f"holds a number beyond {GREATEST}")
        elif not isinstance(value, int | float | None):
            self.problems.append(f"holds a {type(value).__name__}")

    def _join(self, node: ast.BinOp, depth: int) -> None:
        """``str(@dir) + '/tensorboard'`` and no other operation on a text."""
        below = node.right.value if isinstance(node.right, ast.Constant) else None
        folder = self._reference(node.left)
        if not isinstance(node.op, ast.Add) or folder is None or not isinstance(below, str) \
                or not FOLDER.fullmatch(below) or STANDS_FOR in below:
            texts = [side.value for side in (node.left, node.right) if isinstance(side, ast.Constant)]
            self.problems.append(f"computes with the text {texts[0]!r}; str(@dir) + '/name' alone is allowed")
        elif self.text_of is not None and self.text_of(folder) == "":
            self.problems.append(f"puts {below!r} behind @{folder}, which is empty, so that it is an absolute path")
        else:
            self.read(node.left, depth + 1)

    def _arithmetic(self, node: ast.BinOp) -> None:
        """Texts take no part in it, for pieces of a path could be put together unseen."""
        for part in ast.walk(node):
            name = self._reference(part)
            if _is_text(part) or (name is not None and self.text_of is not None and self.text_of(name) is not None):
                self.problems.append("computes with a text; str(@dir) + '/name' alone is allowed")
                return


def _is_power(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join(reversed([*parts, node.id if isinstance(node, ast.Name) else ""]))
