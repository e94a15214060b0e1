"""Augmentation of a whole batch at once, on the device that trains.

One affine resampling of a batch costs a fraction of as many single ones in Python, and on a GPU nothing at all. Each
sample draws from a generator of its own, seeded by the sample's seed, so that the result does not depend on the batch
that it came in or on the number of workers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

Batch = dict[str, Any]


class BatchTransform(ABC):
    """Base of the batch transforms: chooses the samples, lets the subclass draw for each and change them together.

    Args:
        prob: share of the samples that are changed, each for itself.
        keys: the entries that the transform touches, of those that the batch has: a classifier's has no label.
    """

    def __init__(self, prob: float = 0.5, keys: Sequence[str] = ("image",)) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(f"prob must be between 0 and 1, got {prob}")
        self.prob, self.keys = prob, tuple(keys)

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> Any:
        """Return the random parameters of one sample."""

    def together(self, drawn: list[Any], like: Tensor) -> Any:
        """Return what `apply` is given for each key of the batch: what was drawn, or what is made of it once.

        ``like`` (B, C, H, W) is one of the entries that are changed.
        """
        return drawn

    @abstractmethod
    def apply(self, key: str, tensor: Tensor, drawn: Any) -> Tensor:
        """Return the changed (N, C, H, W) tensor of the N chosen samples, given what `together` made for them."""

    def __call__(self, batch: Batch, rngs: Sequence[np.random.Generator]) -> Batch:
        drawn = [self.draw(rng) if rng.random() < self.prob else None for rng in rngs]
        chosen = [i for i, parameters in enumerate(drawn) if parameters is not None]
        if not chosen:
            return batch
        whole, keys = len(chosen) == len(drawn), [key for key in self.keys if key in batch]
        parameters = self.together([drawn[i] for i in chosen], batch[keys[0]]) if keys else None
        changed = {}
        for key in keys:
            tensor = batch[key]
            if whole:
                changed[key] = self.apply(key, tensor, parameters)
            else:
                there = torch.tensor(chosen, device=tensor.device)
                some = self.apply(key, tensor.index_select(0, there), parameters)
                changed[key] = tensor.index_copy(0, there, some)
        return {**batch, **changed}


class BatchCompose:
    """Several batch transforms in turn.

    Args:
        transforms: called as ``transform(batch, rngs)``.

    Shape:
        batch: ``image`` float (B, C, H, W) in [0, 1], ``label`` (B, 1, H, W), ``seed`` (B,) int64.
    """

    def __init__(self, transforms: Sequence[Callable[[Batch, Sequence[np.random.Generator]], Batch]]) -> None:
        self.transforms = list(transforms)

    def __call__(self, batch: Batch) -> Batch:
        rngs = [np.random.default_rng(int(seed)) for seed in batch["seed"].tolist()]
        for transform in self.transforms:
            batch = transform(batch, rngs)
        return batch


def per_sample(values: Sequence[float], like: Tensor) -> Tensor:
    """Return ``values`` as a (N, 1, 1, 1) tensor on the device and in the type of ``like``."""
    return torch.tensor(values, dtype=like.dtype, device=like.device).view(-1, 1, 1, 1)
