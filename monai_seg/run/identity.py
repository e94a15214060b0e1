"""What a run is made from: config, data, seed, versions. A resume must find the same, a card tells it."""

from __future__ import annotations

import hashlib
import json
import logging
import zlib
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
import torch

from monai_seg.data import DataList
from monai_seg.data.decoded_cache import DecodedCache
from monai_seg.data.file_hashes import CaseTable, table_of
from monai_seg.data.kept_hashes import KeptHashes
from monai_seg.processes import place
from monai_seg.run.config import recorded_config

PACKAGES = ("monai_seg", "monai", "torch", "pytorch-ignite", "numpy", "pillow", "scikit-image")
MAY_DIFFER = {
    "where things are": ("bundle_root", "dataset_dir", "output_dir", "tensorboard_dir"),
    "how training goes on": ("resume", "force", "checkpoint_every_s", "max_time_s"),
    "what computes": ("device", "num_workers", "cache_mb", "cache_dir", "cache_disk_mb"),
    "how long it takes": ("max_epochs", "patience"),
    "what is run": ("initialize", "training", "finalize", "run", "is_not_rank0"),
}
FREE = {id for ids in MAY_DIFFER.values() for id in ids}
MOST_NAMED = 5
logger = logging.getLogger(__name__)


class Identity:
    """Config, data, seed and versions of the run that is being set up; make it within a config.

    Args:
        cases: the data list.
        seed: seed of the run.
        disk: hashes of files are kept in its folder, so that the next start need not read them; None for nowhere.
    """

    def __init__(self, cases: DataList, seed: int = 0, disk: DecodedCache | None = None) -> None:
        self.cases, self.seed = cases, seed
        self.kept = None if disk is None else KeptHashes(disk.folder, cases.dataset_dir)
        self.config = values_that_count(recorded_config())
        self._known: CaseTable | None = None

    @cached_property
    def data(self) -> CaseTable:
        """The cases and the hashes of their files; read once, as late as may be."""
        known = {} if self.kept is None else self.kept.load()
        table = table_of(self.cases.splits, self.cases.dataset_dir,
                         known | (self._known.files if self._known is not None else {}))
        if self.kept is not None and table.files != known and place() == 0:
            self.kept.save(table.files)
        return table

    @property
    def config_sha256(self) -> str:
        return hashlib.sha256(json.dumps(self.config, sort_keys=True).encode()).hexdigest()

    def record(self) -> dict[str, Any]:
        """Return what goes into a checkpoint: enough to say later what has changed."""
        return self._record

    @cached_property
    def _record(self) -> dict[str, Any]:
        record = {
            "seed": self.seed,
            "config": json.dumps(self.config),
            "config_sha256": self.config_sha256,
            "data": _packed(self.data.to_json()),
            "list_sha256": self.data.list_sha256,
            "files_sha256": self.data.files_sha256,
            "versions": versions(),
        }
        self._known = None
        del self.data  # 2 kB a case, no more needed while training
        return record

    def differences(self, saved: Mapping[str, Any]) -> list[str]:
        """Return what is another now than in the record ``saved``, in words; other versions are only logged."""
        self._known = CaseTable.from_json(_unpacked(saved["data"]))
        now = versions()
        others = [f"{name} {old} -> {now.get(name)}" for name, old in saved["versions"].items() if old != now.get(name)]
        if others:
            logger.warning(f"other versions than the checkpoint's: {', '.join(others)}; weights may differ in the last "
                           "bits from those of a run that was never stopped")
        return [*config_changes(json.loads(saved["config"]), self.config), *self.data.changes_since(self._known)]


def values_that_count(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a config by id, as JSON, without those that may differ between a run and its resume.

    See `MAY_DIFFER`; descriptions do not count either.
    """
    return {id: json.dumps(value, default=str) for id, value in _leaves(config) if id.split("::")[0] not in FREE}


def config_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Return what differs between two results of `values_that_count`: ``id old -> new``."""
    ids = [id for id in {**old, **new} if old.get(id) != new.get(id)]
    told = [f"{id} {old.get(id, 'nothing')} -> {new.get(id, 'nothing')}" for id in ids[:MOST_NAMED]]
    return told + ([f"{len(ids) - MOST_NAMED} more ids"] if len(ids) > MOST_NAMED else [])


def versions() -> dict[str, str]:
    """Return the versions of the packages that weights depend on."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _leaves(value: Any, id: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        return [leaf for key, part in value.items() if key != "_desc_"
                for leaf in _leaves(part, f"{id}::{key}" if id else str(key))]
    if isinstance(value, (list, tuple)) and any(isinstance(part, (Mapping, list, tuple)) for part in value):
        return [leaf for key, part in enumerate(value) for leaf in _leaves(part, f"{id}::{key}")]
    return [(id, value)]


def _packed(text: str) -> torch.Tensor:
    return torch.from_numpy(np.frombuffer(zlib.compress(text.encode(), 1), np.uint8).copy())


def _unpacked(data: torch.Tensor) -> str:
    return zlib.decompress(data.numpy().tobytes()).decode()
