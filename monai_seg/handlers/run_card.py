"""What a run was, in one file beside its results: enough to run it again and to get the same weights."""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import shlex
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import torch
from ignite.engine import Engine, Events

from monai_seg.distributed import usable_cores
from monai_seg.durable import make_folder, write_text_durably
from monai_seg.handlers.checkpoints import Identity
from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.validation_scores import scalar_metrics

CARD_NAME = "run_card.json"


class RunCard:
    """Writes ``run_card.json`` when training begins, and again with the results when it is over.

    Attach it after `Checkpoints`. ``status`` is "running" until then; after a crash or a kill it stays so. A resumed
    run names the card before in ``parent``. ``again`` is the command that trains anew from the resolved config.

    Args:
        output_dir: the run folder.
        network: whose weights are hashed.
        evaluator: the validation engine.
        identity: config, data, seed and versions, see `monai_seg.run.Identity`.
    """

    def __init__(
        self, output_dir: str | Path, network: torch.nn.Module, evaluator: Engine, identity: Identity
    ) -> None:
        self.path, self.network = Path(output_dir) / CARD_NAME, network
        self.evaluator, self.identity = evaluator, identity
        self._card: dict[str, Any] = {}

    def attach(self, engine: Engine) -> None:
        if is_main_process():
            engine.add_event_handler(Events.STARTED, self._begin)
            engine.add_event_handler(Events.COMPLETED, self._complete)

    def _begin(self, engine: Engine) -> None:
        record = self.identity.record()
        resumed_from = getattr(engine.state, "resumed_from", None)
        folder = self.path.parent
        self._card = {
            "id": uuid.uuid4().hex,
            "status": "running",
            "parent": _card_id(self.path) if resumed_from else None,
            "resumed_from": resumed_from,
            "began": _now(),
            "command": shlex.join(sys.orig_argv),
            "again": f"python -m monai.bundle run training --config_file {shlex.quote(str(folder / 'config.json'))} "
                     f"--output_dir {shlex.quote(f'{folder}_again')} --resume false"
                     f"{getattr(engine.state, 'again', '')}",
            "commit": commit(),
            "versions": {"python": platform.python_version(), **record["versions"]},
            "hardware": hardware(),
            "seed": record["seed"],
            **{name: record[name] for name in ("config_sha256", "list_sha256", "files_sha256")},
        }
        self._write()

    def _complete(self, engine: Engine) -> None:
        best: Any = self.evaluator.state
        weights = self.path.parent / "model.pt"
        content = torch.load(weights, map_location="cpu", weights_only=True)["model"] if weights.exists() else None
        stopped_by = getattr(engine.state, "stopped_by", None)
        self._card |= {
            "status": f"stopped by {stopped_by}" if stopped_by else "completed",
            "ended": _now(),
            "epochs": engine.state.epoch,
            "steps": engine.state.iteration,
            "best_score": _number(best.best_metric),
            "best_epoch": best.best_metric_epoch,
            "scores": {name: _number(value) for name, value in scalar_metrics(self.evaluator).items()},
            "weights_sha256": weights_hash(self.network.state_dict()),
            "best_weights_sha256": None if content is None else weights_hash(content),
        }
        self._write()

    def _write(self) -> None:
        make_folder(self.path.parent)
        write_text_durably(self.path, json.dumps(self._card, indent=2) + "\n")


def weights_hash(weights: Mapping[str, Any]) -> str:
    """Return the SHA-256 of names, types, shapes and bytes of a state dict, whatever the form of the file."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        value = torch.as_tensor(weights[name]).detach().cpu().contiguous()
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def commit() -> str | None:
    """Return the commit of the code that runs, with ``+`` where files differ from it; None outside of a checkout."""

    def git(*arguments: str) -> str:
        return subprocess.run(["git", "-C", str(Path(__file__).parent), *arguments], capture_output=True, text=True,
                              timeout=10, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return None


def hardware() -> dict[str, Any]:
    """Return what this process computes on."""
    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": usable_cores(),
        "threads": torch.get_num_threads(),
        "memory_mb": psutil.virtual_memory().total // 1_000_000,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "cuda": torch.version.cuda if torch.cuda.is_available() else None,
        "pid": os.getpid(),
    }


def _card_id(path: Path) -> str | None:
    try:
        return json.loads(path.read_text(encoding="utf-8")).get("id")
    except (OSError, ValueError, AttributeError):
        return None


def _number(value: Any) -> float | None:
    return float(value) if math.isfinite(float(value)) else None  # JSON has no NaN


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
