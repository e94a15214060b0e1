"""A data set whose samples are functions of (seed, epoch, case), whoever loads them, and that decodes a case once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any, NamedTuple

import numpy as np
import psutil
import torch
from monai.data import MetaTensor
from monai.transforms import Randomizable
from torch import Tensor
from torch.utils.data import Dataset

from monai_seg.data.case_fault import told_together
from monai_seg.data.decoded_cache import Decoded, DecodedCache
from monai_seg.data.list_rules import Case
from monai_seg.data.on_all_cores import on_all_cores
from monai_seg.distributed import local_count
from monai_seg.errors import InputError, find_input_error
from monai_seg.processes import count, of_all, place

Sample = dict[str, Any]
CACHE_SHARE_OF_FREE_MEMORY = 0.25
SAMPLED_KEYS = ("image", "label")


class Draw(NamedTuple):
    """What a sampler asks of the data set: a case by its place, and the seed of all that is random about the sample."""

    case: int
    seed: int


class CaseDataset(Dataset):
    """Cases, decoded once and kept in memory as far as the budget goes, and augmented anew each time.

    Args:
        data: cases, each with ``image`` and ``label`` paths.
        transform: what is the same each time (read, resize, pad); its result is kept. A dictionary transform of MONAI.
        random_transform: what differs from sample to sample (a random crop, say), applied to a copy of the kept result.
            A dictionary transform of MONAI; its random state is set from the sample's seed before each call. One that
            gives a list of samples must give one.
        cache_mb: memory for kept results in MB, or "auto" for a quarter of what is free now, shared by the
            processes of this machine. Cases beyond it are decoded again each time.
        keys: what of a case makes a sample; a classifier's is ``image`` and ``class``, a number.
        disk: where results of ``transform`` are kept from one start to the next, or None.

    Raises:
        InputError: ``cache_mb`` is no number of 0 or more; ``random_transform`` gives several samples of a case.

    Shape:
        Sample: ``image`` (C, H, W), ``label`` (1, H, W), both in the type that ``transform`` gives (uint8 by contract),
        ``index`` the case's place in ``data``, ``seed`` the sample's seed.
    """

    def __init__(
        self,
        data: Sequence[Case],
        transform: Callable[[Case], Any],
        random_transform: Callable[[Sample], Any] | None = None,
        cache_mb: float | str = "auto",
        keys: Sequence[str] = SAMPLED_KEYS,
        disk: DecodedCache | None = None,
    ) -> None:
        self.data = list(data)
        self.disk = disk
        self.transform = transform
        self.random_transform = random_transform
        self.keys = tuple(keys)
        self.budget = _budget(cache_mb)
        self._kept: dict[int, dict[str, Tensor]] = {}
        self._kept_bytes = 0
        self._on_disk: set[int] = set()  # looked at there, and not read before it is asked for
        self._lesion: dict[int, bool] = {}
        self._digest: dict[int, bytes] = {}
        self._lock = Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None}  # locks do not travel to worker processes that are spawned

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _lock=Lock())

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, draw: Draw | int) -> Sample:
        index, seed = draw if isinstance(draw, tuple) else (int(draw), int(draw))
        sample: Sample = dict(self.decoded(index))
        if self.random_transform is not None:
            if isinstance(self.random_transform, Randomizable):
                self.random_transform.set_random_state(seed=seed % 2**32)
            copy = {key: tensor.clone() for key, tensor in sample.items()}  # some transforms write into what they get
            sample = _plain(self.random_transform(copy), self.keys)
        return {**sample, "index": index, "seed": seed}

    def decoded(self, index: int) -> dict[str, Tensor]:
        """Return the case after ``transform`` as plain tensors, from memory where it is kept."""
        if index in self._kept:
            return self._kept[index]
        case, lesion, digest = self._from_disk(index) or self._from_files(index)
        size = sum(tensor.nbytes for tensor in case.values())
        with self._lock:
            self._lesion[index] = lesion
            self._digest[index] = digest
            if self._kept_bytes + size <= self.budget and index not in self._kept:
                self._kept[index] = case
                self._kept_bytes += size
        return case

    def _from_disk(self, index: int) -> Decoded | None:
        return None if self.disk is None else self.disk.load(self.data[index], self.keys)

    def _from_files(self, index: int) -> Decoded:
        case = _plain(self.transform(self.data[index]), self.keys)
        digest = self._digest[index] if index in self._digest else _digest(case["image"])
        decoded = Decoded(case, bool(case["label"].any()) if "label" in case else False, digest)
        if self.disk is not None:
            self.disk.save(self.data[index], self.keys, decoded)
        return decoded

    def fill(self) -> None:
        """Decode every case on all cores: into memory as far as the budget goes, and all of them to find what is wrong.

        Where all fit in memory, a case that was decoded at an earlier start is read from the disk when it is first
        asked for; see `bring_in`.

        Several processes share the cases, tell each other what they found, and decode those of the others when their
        turn in an epoch comes.

        Raises:
            InputError: of the first case that cannot be used; it says how many others cannot, and why.
        """
        own = range(place(), len(self), count())
        errors = [error for error in map(self._try, own[:1]) if error is not None]
        rest: Sequence[int] = own[1:]
        if own and not errors and self._fit_in_memory(own[0]):
            rest = [index for index in rest if not self._is_known(index)]  # one thread: several wait for each other
        errors += [error for error in on_all_cores(self._try, rest) if error is not None]
        found = [find_input_error(error) for error in errors]
        for error, told in zip(errors, found, strict=True):
            if told is None:
                raise error
        if together := [told for part in of_all(found) for told in part if told is not None]:
            raise told_together(together)
        for lesion, digest in of_all((self._lesion, self._digest)):
            self._lesion.update(lesion)
            self._digest.update(digest)

    def has_lesion(self) -> list[bool]:
        """Return for each case whether its label shows anything; decodes what is not decoded yet."""
        self._decode_all()
        return [self._lesion[index] for index in range(len(self))]

    def digests(self) -> list[bytes]:
        """Return for each case what is equal for equal images; b"" where all pixels of an image are equal."""
        self._decode_all()
        return [self._digest[index] for index in range(len(self))]

    def bring_in(self) -> None:
        """Read into memory what `fill` left on the disk: before worker processes share it."""
        for _ in on_all_cores(self._try, sorted(self._on_disk - self._kept.keys())):
            pass

    def _is_known(self, index: int) -> bool:
        """Take what the disk knows of the case; tell whether it does."""
        facts = None if self.disk is None else self.disk.facts(self.data[index], self.keys)
        if facts is None:
            return False
        self._lesion[index], self._digest[index] = facts
        self._on_disk.add(index)
        return True

    def _decode_all(self) -> None:
        for index in range(len(self)):
            if index not in self._lesion:
                self.decoded(index)

    def _try(self, index: int) -> Exception | None:
        try:
            self.decoded(index)
        except Exception as error:
            return error
        return None

    @property
    def fits_in_memory(self) -> bool:
        """Whether every case can be kept, judged by the first."""
        if len(self):
            self.decoded(0)
        return len(self) == 0 or self._fit_in_memory(0)

    def _fit_in_memory(self, decoded: int) -> bool:
        case = self._kept.get(decoded)
        return case is not None and sum(tensor.nbytes for tensor in case.values()) * len(self) <= self.budget


def sample_seed(seed: int, epoch: int, index: int, turn: int = 0) -> int:
    """Return the seed of a case's ``turn``-th sample in an epoch: 63 bits that depend on nothing but the arguments."""
    high, low = np.random.SeedSequence((seed, epoch, index, turn)).generate_state(2, np.uint32)
    return int(high) << 31 ^ int(low)


def _plain(sample: Any, keys: Sequence[str]) -> dict[str, Tensor]:
    """Return ``keys`` as plain contiguous tensors: MetaTensors cost time at each step and nothing reads them."""
    if isinstance(sample, list):
        if len(sample) != 1:
            raise InputError("random_transform", f"gives {len(sample)} samples of a case", "set its num_samples to 1")
        sample = sample[0]
    return {key: _tensor(sample[key]).contiguous() for key in keys if key in sample}


def _digest(image: Tensor) -> bytes:
    if image.min() == image.max():
        return b""
    digest = blake2b(repr(image.shape).encode(), digest_size=16)
    digest.update(image.numpy().data)
    return digest.digest()


def _tensor(array: Any) -> Tensor:
    return array.as_tensor() if isinstance(array, MetaTensor) else torch.as_tensor(array)


def _budget(cache_mb: float | str) -> float:
    if cache_mb == "auto":
        return psutil.virtual_memory().available * CACHE_SHARE_OF_FREE_MEMORY / local_count()
    try:
        budget = float(cache_mb) * 1e6
    except ValueError:
        budget = -1
    if not budget >= 0:
        raise InputError("cache_mb", f"{cache_mb!r} is no amount of memory", "give a number of MB, or auto")
    return budget
