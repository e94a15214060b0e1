"""The cases of an evaluation step one by one, and those of all processes together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import torch.distributed as dist
from ignite.engine import Engine
from monai.data import decollate_batch
from monai.utils import ImageMetaKey

from monai_seg.distributed import rank
from monai_seg.errors import InputError

Measured = TypeVar("Measured")


def each_case(engine: Engine, labelled: bool = True) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield the name, the batch's item and the output of each case of the step that has just ended.

    The name is the image's path; where the image has none, the case's ``index`` in its list. An engine may decollate or
    not.

    Args:
        engine: an evaluation.
        labelled: refuse a case without label.

    Raises:
        InputError: a case has no label to be scored by.
    """
    state: Any = engine.state
    for item, output in zip(_decollated(state.batch), _decollated(state.output), strict=True):
        name = _name(item)
        if labelled and output.get("label") is None:
            raise InputError(name, "has no label to be scored by", "evaluate a split with labels, or run inference")
        yield name, item, output


def of_all_processes(measured: dict[str, Measured]) -> dict[str, Measured]:
    """Return what all processes measured, by name and sorted by it; a case that two of them saw counts once.

    Every process of the group must call this.
    """
    parts = [measured]
    if dist.is_available() and dist.is_initialized():
        parts = [{} for _ in range(dist.get_world_size())]
        dist.all_gather_object(parts, measured)
    together = {name: value for part in reversed(parts) for name, value in part.items()}
    return dict(sorted(together.items()))


def is_first_process() -> bool:
    """Return whether this process is the one that writes, without a word to the others.

    `ignite.distributed.get_rank` makes a group on its first call, for which all processes have to come together.
    """
    return (dist.get_rank() if dist.is_available() and dist.is_initialized() else rank()) == 0


def _decollated(batch: Any) -> list[dict[str, Any]]:
    return batch if isinstance(batch, list) else decollate_batch(batch)


def _name(item: dict[str, Any]) -> str:
    meta = getattr(item["image"], "meta", {})
    if ImageMetaKey.FILENAME_OR_OBJ in meta:
        return str(meta[ImageMetaKey.FILENAME_OR_OBJ])
    if "index" in item:
        return f"{int(item['index']):09d}"  # sorts as the numbers do
    raise ValueError("a case has neither an image path nor an index, by which it could be told from others")
