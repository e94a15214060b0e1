"""safetensors files: a length, a header in JSON, and the bytes of the tensors without gaps.

Source:
    https://github.com/huggingface/safetensors, section "Format".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.json_text import read_json
from monai_seg.bundle.inspect.limits import HEADER_BYTES

BYTES = {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8,
         "U64": 8, "F64": 8}
MEND = "save it again by safetensors"


def check_safetensors(file: str, data: memoryview) -> Iterator[Finding]:
    """Refuse a header that is not sound, and tensors that overlap, leave holes or reach out of the file."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(HEADER_BYTES, len(data) - 8):
        yield Finding(file, "header", f"is told to be {length} bytes long", MEND)
        return
    try:
        header = read_json(bytes(data[8:8 + length]), HEADER_BYTES)
    except ValueError as error:
        yield Finding(file, "header", str(error), MEND)
        return
    if not isinstance(header, Mapping):
        yield Finding(file, "header", "is no dictionary", MEND)
        return
    told = header.get("__metadata__", {})
    if not isinstance(told, Mapping) or not all(isinstance(value, str) for value in told.values()):
        yield Finding(file, "__metadata__", "is no dictionary of texts", MEND)
    tensors = {name: tensor for name, tensor in header.items() if name != "__metadata__"}
    wrong = [name for name, tensor in tensors.items() if not _is_tensor(tensor)]
    if wrong:
        yield Finding(file, wrong[0], "has a type, shape or place that is none, or that disagree", MEND)
        return
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1]["data_offsets"]):
        first, last = tensor["data_offsets"]
        if first != end:
            yield Finding(file, name, "overlaps with another tensor or leaves a hole", MEND)
            return
        end = last
    if end != len(data) - 8 - length:
        yield Finding(file, "", f"holds {len(data) - 8 - length} bytes of tensors; its header tells {end}", MEND)


def _is_tensor(tensor: Any) -> bool:
    if not isinstance(tensor, Mapping) or tensor.keys() != {"dtype", "shape", "data_offsets"}:
        return False
    shape, offsets = tensor["shape"], tensor["data_offsets"]
    numbers = isinstance(shape, list) and isinstance(offsets, list) and len(offsets) == 2 and all(
        isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**40 for number in shape + offsets)
    return bool(numbers) and isinstance(tensor["dtype"], str) and tensor["dtype"] in BYTES \
        and math.prod(shape) * BYTES[tensor["dtype"]] == offsets[1] - offsets[0]
