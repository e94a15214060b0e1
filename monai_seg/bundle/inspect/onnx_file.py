"""ONNX models, read field by field. Nothing is loaded, and no file beside the model is opened.

Source:
    https://github.com/onnx/onnx/blob/main/onnx/onnx.proto for the numbers of the fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from monai_seg.bundle.inspect.finding import Finding

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
DEEPEST = 32
DOMAINS = ("", "ai.onnx")
PARTS = {  # message -> field -> message in it
    "model": {7: "graph", 8: "opset", 20: "training", 25: "function"},
    "training": {},
    "function": {},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "tensor", 2: "tensor"},
    "opset": {}, "tensor": {},
}  # fmt: skip
KNOWN = {"model": frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})}
EXPORT_AGAIN = "export it again by python -m monai_seg pack"


class OnnxError(ValueError):
    """The file is no sound ONNX model; the text is the cause."""


def check_onnx(file: str, data: memoryview) -> Iterator[Finding]:
    """Refuse models with weights in other files, with operators of other domains, functions or training parts."""
    try:
        told = list(_walk("model", data, 0))
        if not any(message == "graph" for message, _ in told):
            raise OnnxError("has no graph")
        for _, problem in told:
            if problem:
                yield Finding(file, "", problem, EXPORT_AGAIN)
    except OnnxError as error:
        yield Finding(file, "", f"is no sound ONNX model: it {error}", EXPORT_AGAIN)


def _walk(message: str, data: memoryview, depth: int) -> Iterator[tuple[str, str]]:
    """Yield every message with what is wrong in it, or with an empty text."""
    if depth > DEEPEST:
        raise OnnxError(f"is nested deeper than {DEEPEST}")
    yield message, _refused(message)
    for number, value in _fields(data):
        if number not in KNOWN.get(message, {number}):
            raise OnnxError(f"has the unknown part {number}")
        problem = _field_problem(message, number, value)
        if problem:
            yield message, problem
        inner = PARTS[message].get(number)
        if inner:
            if not isinstance(value, memoryview):
                raise OnnxError(f"has a {inner} that is a number")
            yield from _walk(inner, value, depth + 1)


def _refused(message: str) -> str:
    return {"training": "holds a training part", "function": "holds functions of its own"}.get(message, "")


def _field_problem(message: str, number: int, value: memoryview | int) -> str:
    if message == "tensor" and (number == 13 or (number == 14 and value != 0)):
        return "keeps weights in another file"
    if (message, number) in (("node", 7), ("opset", 1)) and isinstance(value, memoryview):
        domain = bytes(value[:80]).decode("utf-8", "replace")
        return "" if domain in DOMAINS else f"uses operators of {domain!r}, which are not ONNX's own"
    return ""


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        number, wire = key >> 3, key & 7
        if number == 0:
            raise OnnxError("has a part without number")
        if wire == VARINT:
            value, place = _varint(data, place)
            yield number, value
            continue
        length = {FIXED64: 8, FIXED32: 4}.get(wire, -1)
        if wire == LENGTH:
            length, place = _varint(data, place)
        if length < 0 or place + length > len(data):
            raise OnnxError("is cut off or has a part of unknown kind")
        yield number, data[place:place + length]
        place += length


def _varint(data: memoryview, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise OnnxError("is cut off")
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise OnnxError("has a number that does not end")
