"""A pickle taken apart by its opcodes. Nothing is imported and nothing is called: calls are only written down."""

from __future__ import annotations

import pickletools
from dataclasses import dataclass, field
from typing import Any

STORAGES = {"FloatStorage": 4, "DoubleStorage": 8, "HalfStorage": 2, "BFloat16Storage": 2, "LongStorage": 8,
            "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1, "BoolStorage": 1}
ORDERED_DICT, TENSOR = "collections.OrderedDict", "torch._utils._rebuild_tensor_v2"
GLOBALS = frozenset({ORDERED_DICT, TENSOR, *(f"torch.{name}" for name in STORAGES)})
CALLED = frozenset({ORDERED_DICT, TENSOR})
PLAIN = frozenset({"BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BININT", "BININT1", "BININT2", "LONG1",
                   "BINFLOAT"})
FIXED = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
MOST = 5_000_000  # opcodes


class PickleError(ValueError):
    """The pickle does something else than to describe tensors; the text is the cause."""


@dataclass(eq=False)
class Built:
    """What a pickle would make: ``name`` is "dict", "list", "global", "stored" or the name of what is called."""

    name: str
    args: tuple[Any, ...] = ()
    items: list[Any] = field(default_factory=list)


MARK = object()


def run_pickle(data: bytes) -> Any:
    """Return what the pickle describes, made of `Built`, tuples, texts and numbers.

    Raises:
        PickleError: an opcode, a global or a call is not one that a state dict needs, or the pickle is not sound.
    """
    machine = _Machine()
    try:
        for count, (opcode, argument, place) in enumerate(pickletools.genops(data)):
            if count > MOST:
                raise PickleError(f"has more than {MOST} opcodes")
            machine.step(opcode.name, argument, place or 0)
            if opcode.name == "STOP" and (place or 0) + 1 != len(data):
                raise PickleError("goes on behind its end")
        return machine.result
    except PickleError:
        raise
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, UnicodeDecodeError) as error:
        raise PickleError(f"is no sound pickle ({type(error).__name__})") from None


class _Machine:
    """The stack of an unpickler without its powers."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.result: Any = None

    def step(self, name: str, argument: Any, place: int) -> None:
        stack = self.stack
        if name in PLAIN:
            stack.append(argument)
        elif name in FIXED:
            stack.append(FIXED[name])
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.memo[argument])
        elif name == "MARK":
            stack.append(MARK)
        elif name in ("EMPTY_DICT", "EMPTY_LIST"):
            stack.append(Built("dict" if name == "EMPTY_DICT" else "list"))
        elif name == "EMPTY_TUPLE":
            stack.append(())
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            count = int(name[-1])
            stack[-count:] = [tuple(stack[-count:])]
        elif name == "TUPLE":
            stack.append(tuple(self._since_mark()))
        elif name in ("SETITEM", "SETITEMS"):
            pairs = self._since_mark() if name == "SETITEMS" else [stack.pop(-2), stack.pop()]
            self._fill("dict", pairs[::2], pairs[1::2])
        elif name in ("APPEND", "APPENDS"):
            self._fill("list", self._since_mark() if name == "APPENDS" else [stack.pop()])
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            self._global(argument.replace(" ", ".", 1) if name == "GLOBAL" else ".".join([stack.pop(-2), stack.pop()]))
        elif name == "REDUCE":
            self._call(stack.pop(-2), stack.pop())
        elif name == "BUILD":
            self._state(stack.pop())
        elif name == "BINPERSID":
            stack.append(Built("stored", stack.pop()))
        elif name == "STOP":
            self.result = stack.pop()
            if stack:
                raise PickleError("leaves something behind")
        elif name not in ("PROTO", "FRAME"):
            raise PickleError(f"uses the opcode {name} at byte {place}, which a state dict does not need")

    def _since_mark(self) -> list[Any]:
        place = next((i for i in range(len(self.stack) - 1, -1, -1) if self.stack[i] is MARK), None)
        if place is None:
            raise PickleError("is no sound pickle (no mark)")
        items = self.stack[place + 1:]
        del self.stack[place:]
        return items

    def _fill(self, kind: str, *columns: list[Any]) -> None:
        target = self.stack[-1]
        if not isinstance(target, Built) or target.name not in ((kind, ORDERED_DICT) if kind == "dict" else (kind,)):
            raise PickleError("puts items into what is neither a dict nor a list")
        target.items += list(zip(*columns, strict=True)) if kind == "dict" else columns[0]

    def _global(self, name: str) -> None:
        if name not in GLOBALS:
            raise PickleError(f"imports {name}, which a state dict does not need")
        self.stack.append(Built("global", (name,)))

    def _call(self, function: Any, arguments: Any) -> None:
        if not isinstance(function, Built) or function.name != "global" or function.args[0] not in CALLED:
            raise PickleError("calls something else than OrderedDict and the maker of tensors")
        if not isinstance(arguments, tuple) or (function.args[0] == ORDERED_DICT and arguments):
            raise PickleError(f"calls {function.args[0]} with other arguments than torch does")
        self.stack.append(Built(function.args[0], arguments))

    def _state(self, state: Any) -> None:
        """torch hangs ``_metadata`` on a state dict; nothing else is hung on anything."""
        if not isinstance(self.stack[-1], Built) or self.stack[-1].name != ORDERED_DICT \
                or not isinstance(state, Built) or state.name != "dict" \
                or [key for key, _ in state.items] != ["_metadata"]:
            raise PickleError("sets attributes other than the _metadata of a state dict")
