"""The order of the cases in an epoch and the seed of each sample, drawn from (seed, epoch) alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler

from monai_seg.data.case_dataset import Draw, sample_seed
from monai_seg.errors import InputError

logger = logging.getLogger(__name__)


class EpochSampler(Sampler[Draw]):
    """Draws as many samples per epoch as there are cases.

    The seeds travel with the indices, so that it does not matter which worker, or how many, load the samples.

    Args:
        count: number of cases.
        seed: seed of the run.
        shuffle: a new order each epoch, or always the order of the list.
        positive: for each case whether it shows a lesion; needed for ``positive_share``.
        positive_share: share of samples with a lesion in each stretch of an epoch, and so in each batch; cases are
            repeated or left out to get there, each as often as any other of its kind within one. None draws every case
            once, and so does a data set that has one kind alone.

    Raises:
        InputError: ``positive_share`` is not between 0 and 1.
        ValueError: ``positive_share`` without ``shuffle``, or without an entry of ``positive`` for each case.
    """

    def __init__(
        self,
        count: int,
        seed: int = 0,
        shuffle: bool = True,
        positive: Sequence[bool] = (),
        positive_share: float | None = None,
    ) -> None:
        if positive_share is not None and not 0 <= positive_share <= 1:
            raise InputError("positive_share", f"must be between 0 and 1, got {positive_share}", "give 0.5, or null")
        if positive_share is not None and (not shuffle or len(positive) != count):
            raise ValueError(f"positive_share needs shuffle=True and positive of {count} entries, got shuffle="
                             f"{shuffle} and {len(positive)} entries")
        self.count, self.seed, self.shuffle = count, seed, shuffle
        self.kinds = (np.flatnonzero(positive), np.flatnonzero(np.logical_not(positive)))
        self.positive_share = positive_share if all(len(kind) for kind in self.kinds) else None
        if self.positive_share != positive_share:
            logger.warning(f"positive_share {positive_share} cannot be kept: {len(self.kinds[0])} of {count} cases "
                           "show a lesion; each case is drawn once per epoch")
        self.epoch = self.done = 0

    def set_epoch(self, epoch: int, done: int = 0) -> None:
        """Say which epoch the next iteration is for, as the sampler does not count by itself, and how many of its
        samples are ``done``: they are left out, and the rest is what it would have been.
        """
        self.epoch, self.done = epoch, done

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Draw]:
        seen: dict[int, int] = {}
        for place, index in enumerate(self._order()):
            turn = seen[index] = seen.get(index, -1) + 1
            if place >= self.done:
                yield Draw(index, sample_seed(self.seed, self.epoch, index, turn))

    def _order(self) -> list[int]:
        rng = np.random.default_rng((self.seed, self.epoch))
        if not self.shuffle:
            return list(range(self.count))
        if self.positive_share is None:
            return rng.permutation(self.count).tolist()
        wanted = np.floor(np.arange(1, self.count + 1) * self.positive_share + rng.random()).astype(int)
        is_positive = np.diff(wanted, prepend=0) > 0 if self.positive_share < 1 else np.ones(self.count, bool)
        order = np.empty(self.count, dtype=int)
        for kind, places in zip(self.kinds, (is_positive, ~is_positive), strict=True):
            order[places] = _cycle(kind, int(places.sum()), rng)
        return order.tolist()


def _cycle(cases: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return ``count`` of ``cases``: all of them in a new order, then all in another, and so on."""
    rounds = -(-count // len(cases))
    return np.concatenate([rng.permutation(cases) for _ in range(rounds)] or [cases])[:count]
