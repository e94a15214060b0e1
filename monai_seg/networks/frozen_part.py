"""Which part of a pretrained backbone stays as it was: all of it, or all before its last blocks."""

from __future__ import annotations

from torch import nn

from monai_seg.errors import InputError


def block_names(base: nn.Module) -> list[str]:
    """Return the names of the blocks of ``base`` in order: what its innermost module lists hold."""
    lists = {name: module for name, module in base.named_modules() if isinstance(module, nn.ModuleList)}
    innermost = [name for name in lists if not any(other.startswith(f"{name}.") for other in lists)]
    return [f"{name}.{number}" for name in innermost for number in range(len(lists[name]))]


def frozen_modules(base: nn.Module, train_last: int) -> list[nn.Module]:
    """Return the modules of ``base`` before its last ``train_last`` blocks; all of them for 0.

    What comes after the first of those blocks is trained with them (the layers that join stages, the last norm).
    Containers of both parts are not among the frozen ones.

    Raises:
        InputError: ``train_last`` is no whole number from 0 to the number of blocks.
    """
    blocks = block_names(base)
    if not isinstance(train_last, int) or not 0 <= train_last <= len(blocks):
        raise InputError("train_last", f"must be a whole number from 0 to {len(blocks)}, the blocks of this backbone, "
                         f"got {train_last!r}", "give --train_last 2, say")
    if train_last == 0:
        return list(base.modules())
    first = blocks[-train_last]
    names = [name for name, _ in base.named_modules()]
    modules = dict(base.named_modules())
    return [modules[name] for name in names[: names.index(first)] if name and not first.startswith(f"{name}.")]


def freeze(modules: list[nn.Module]) -> None:
    """Take the parameters that ``modules`` hold themselves out of training."""
    for module in modules:
        for parameter in module.parameters(recurse=False):
            parameter.requires_grad_(False)
