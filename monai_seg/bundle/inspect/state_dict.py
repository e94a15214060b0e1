"""Whether a pickle that was taken apart is a state dict, and which bytes its tensors take."""

from __future__ import annotations

from typing import Any

from monai_seg.bundle.inspect.pickle_machine import ORDERED_DICT, STORAGES, TENSOR, Built


class StateError(ValueError):
    """It is no state dict; the text is the cause."""


def storages_of(found: Any) -> dict[str, int]:
    """Return the bytes of each storage by its key, for ``{"model": state dict}``.

    Raises:
        StateError: it holds something else, or a tensor reaches out of its storage.
    """
    if not isinstance(found, Built) or found.name != "dict" or [key for key, _ in found.items] != ["model"]:
        raise StateError("is not one dict with the key 'model' alone")
    state = found.items[0][1]
    if not isinstance(state, Built) or state.name not in ("dict", ORDERED_DICT):
        raise StateError("holds no state dict under 'model'")
    storages: dict[str, int] = {}
    for name, tensor in state.items:
        if not isinstance(name, str):
            raise StateError("has a weight without name")
        key, size = _tensor(name, tensor)
        if storages.setdefault(key, size) != size:
            raise StateError(f"tells two sizes of storage {key}")
    return storages


def _tensor(name: str, tensor: Any) -> tuple[str, int]:
    if not isinstance(tensor, Built) or tensor.name != TENSOR or len(tensor.args) != 6:
        raise StateError(f"has {name!r}, which is no tensor")
    storage, offset, size, stride, _, hooks = tensor.args
    if not isinstance(storage, Built) or storage.name != "stored" or not isinstance(storage.args, tuple) \
            or len(storage.args) != 5:
        raise StateError(f"has {name!r} without storage")
    kind, maker, key, device, count = storage.args
    if kind != "storage" or not isinstance(maker, Built) or maker.name != "global" or not isinstance(key, str) \
            or not key.isdigit() or not isinstance(device, str) or not _is_size(count):
        raise StateError(f"has {name!r} with a storage as torch writes none")
    item = STORAGES.get(maker.args[0].removeprefix("torch."))
    if item is None or not isinstance(hooks, Built) or hooks.name != ORDERED_DICT or hooks.items:
        raise StateError(f"has {name!r} of unknown type or with hooks")
    if not isinstance(size, tuple) or not isinstance(stride, tuple) or len(size) != len(stride) \
            or not all(_is_size(number) for number in (offset, *size, *stride)):
        raise StateError(f"has {name!r} with a shape that is none")
    last = offset + sum((length - 1) * step for length, step in zip(size, stride, strict=True)) + 1
    if 0 not in size and last > count:
        raise StateError(f"has {name!r}, which reaches out of its storage")
    return key, item * count


def _is_size(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**40
