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
Samples = dict[str, Sequence[Tensor]]  # of each entry the batch's samples, (1, C, H, W)


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

        ``like`` (1, C, H, W) is one of the samples.
        """
        return drawn

    @abstractmethod
    def apply(self, key: str, tensor: Tensor, drawn: Any) -> Tensor:
        """Return the changed (N, C, H, W) tensor of the N chosen samples, given what `together` made for them."""

    def __call__(self, batch: Batch, rngs: Sequence[np.random.Generator]) -> Batch:
        return {**batch, **_together(self.change(_apart(batch, self.keys), rngs))}

    def change(self, samples: Samples, rngs: Sequence[np.random.Generator]) -> Samples:
        """Return the entries in which a sample has changed. Only changed samples are copied."""
        drawn = [self.draw(rng) if rng.random() < self.prob else None for rng in rngs]
        chosen = [i for i, parameters in enumerate(drawn) if parameters is not None]
        keys = [key for key in self.keys if key in samples]
        if not chosen or not keys:
            return {}
        parameters = self.together([drawn[i] for i in chosen], samples[keys[0]][0])
        changed: Samples = {}
        for key in keys:
            some = self.apply(key, torch.cat([samples[key][i] for i in chosen]), parameters).split(1)
            new = dict(zip(chosen, some, strict=True))
            changed[key] = [new.get(i, sample) for i, sample in enumerate(samples[key])]
        return changed


class BatchCompose:
    """Several batch transforms in turn.

    Samples that change are put together with the others once, after the last transform: a `BatchTransform` gives them
    to the next one apart.

    Args:
        transforms: of a `BatchTransform`, `change` is called; anything else is called as ``transform(batch, rngs)``.

    Shape:
        batch: ``image`` float (B, C, H, W) in [0, 1], ``label`` (B, 1, H, W), ``seed`` (B,) int64.
    """

    def __init__(self, transforms: Sequence[Callable[[Batch, Sequence[np.random.Generator]], Batch]]) -> None:
        self.transforms = list(transforms)

    def __call__(self, batch: Batch) -> Batch:
        rngs = [np.random.default_rng(int(seed)) for seed in batch["seed"].tolist()]
        changed: Samples = {}
        for transform in self.transforms:
            if isinstance(transform, BatchTransform):
                changed |= transform.change(_apart(batch, transform.keys) | changed, rngs)
            else:
                batch = transform({**batch, **_together(changed)}, rngs)
                changed = {}
        return {**batch, **_together(changed)}


def _apart(batch: Batch, keys: Sequence[str]) -> Samples:
    return {key: batch[key].split(1) for key in keys if key in batch}


def _together(samples: Samples) -> Batch:
    return {key: torch.cat(list(each)) for key, each in samples.items()}


def per_sample(values: Sequence[float], like: Tensor) -> Tensor:
    """Return ``values`` as a (N, 1, 1, 1) tensor on the device and in the type of ``like``."""
    return torch.tensor(values, dtype=like.dtype, device=like.device).view(-1, 1, 1, 1)
