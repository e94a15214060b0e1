"""Checkpoints that survive a kill at any moment, and the best weights, which a resumed run never spoils.

In the run folder stand ``checkpoints/epoch_0007.pt`` with ``epoch_0007.pt.sha256``, the newest ``keep`` of them,
``checkpoints/last.pt`` (a link to the newest) and ``model.pt``, the weights with the best validation score.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from ignite.engine import Engine, Events

from monai_seg.distributed import rank
from monai_seg.durable import make_folder, write_durably, write_text_durably
from monai_seg.errors import InputError
from monai_seg.switch import as_switch

logger = logging.getLogger(__name__)


class Checkpoints:
    """Saves the whole state of training after each epoch, and brings it back.

    Attach it to the trainer after the validation, the schedule and all else that an epoch's end changes.

    Args:
        output_dir: the run folder.
        network: its weights go to ``model.pt`` under the key ``model`` at each best score.
        state: what a checkpoint holds besides: things with ``state_dict`` and ``load_state_dict``, by name.
        evaluator: the validation engine; its best score and epoch are part of the state.
        resume: false to start anew, true to go on from the newest sound checkpoint, "auto" to do so where there is one.
        keep: how many checkpoints to keep, at least 2.

    Raises:
        InputError: nothing to resume from, or what is there does not fit.
    """

    def __init__(
        self,
        output_dir: str | Path,
        network: torch.nn.Module,
        state: Mapping[str, Any],
        evaluator: Engine,
        resume: bool | str = False,
        keep: int = 2,
    ) -> None:
        if keep < 2:
            raise ValueError(f"keep must be 2 or more, so that one survives the loss of the other, got {keep}")
        self.output_dir, self.folder = Path(output_dir), Path(output_dir) / "checkpoints"
        self.network, self.state, self.evaluator = network, dict(state), evaluator
        self.resume, self.keep = as_switch("resume", resume, ("auto",)), keep
        self._resumed_from = self._bring_back() if self.resume else None

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self._resume)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._save)

    def _save(self, engine: Engine) -> None:
        if rank() != 0:
            return
        make_folder(self.folder)
        best: Any = self.evaluator.state  # MONAI adds best_metric and best_metric_epoch to Ignite's
        if best.best_metric_epoch == engine.state.epoch:
            save_weights(self.output_dir / "model.pt", self.network)
        path = self.folder / f"epoch_{engine.state.epoch:04d}.pt"
        write_checkpoint(path, {
            "network": self.network.state_dict(),
            "trainer": {"epoch": engine.state.epoch, "iteration": engine.state.iteration},
            "evaluator": {"best_metric": float(best.best_metric), "best_metric_epoch": int(best.best_metric_epoch)},
            **{name: part.state_dict() for name, part in self.state.items()},
        })
        _link(self.folder / "last.pt", path)
        standing = [other for other in list_checkpoints(self.folder) if _age(other) <= _age(path)]
        for old in standing[self.keep :]:  # later ones were damaged and passed over; they will be written anew
            old.unlink()
            _checksum_path(old).unlink(missing_ok=True)

    def _bring_back(self) -> tuple[Path, dict[str, Any]] | None:
        """Load what was saved, before the run begins and writes anything; the engines' counters wait for its start."""
        found = newest_sound_checkpoint(self.folder)
        if found is None:
            if self.resume is True:
                raise InputError(self.folder, "no checkpoint to resume from", "start anew with --resume false")
            logger.info(f"nothing to resume in {self.folder}; training starts anew")
            return None
        self._load(*found)
        return found

    def _resume(self, engine: Engine) -> None:
        if self._resumed_from is None:
            return
        path, saved = self._resumed_from
        self._resumed_from = None  # the state of a large network is not to be kept twice
        engine.state.epoch, engine.state.iteration = saved["trainer"]["epoch"], saved["trainer"]["iteration"]
        best: Any = self.evaluator.state
        best.best_metric = saved["evaluator"]["best_metric"]
        best.best_metric_epoch = saved["evaluator"]["best_metric_epoch"]
        logger.info(f"resumed from {path}: epoch {engine.state.epoch}, best score {best.best_metric:.4f} in epoch "
                    f"{best.best_metric_epoch}")
        if any(getattr(part, "exhausted", False) for part in self.state.values()):
            logger.info("that run had stopped early; a larger --patience would let it go on")
            engine.terminate()

    def _load(self, path: Path, saved: dict[str, Any]) -> None:
        missing = [name for name in ("network", "trainer", "evaluator", *self.state) if name not in saved]
        if missing:
            raise InputError(path, f"holds no state of {', '.join(missing)}", "resume with the config that wrote it")
        try:
            self.network.load_state_dict(saved["network"])
            for name, part in self.state.items():
                part.load_state_dict(saved[name])
        except (RuntimeError, ValueError, KeyError) as error:
            raise InputError(path, f"does not fit this config ({str(error).splitlines()[0]})",
                             "resume with the network and optimizer that wrote it, or start anew") from error


def save_weights(path: Path, network: torch.nn.Module) -> None:
    """Write the weights of ``network`` under the key ``model``."""
    write_durably(path, lambda file: file.write(_to_bytes({"model": network.state_dict()})))


def write_checkpoint(path: Path, content: Mapping[str, Any]) -> None:
    """Write ``content`` with its checksum beside it: the checksum first, so that a named checkpoint has one."""
    data = _to_bytes(content)
    write_text_durably(_checksum_path(path), hashlib.sha256(data).hexdigest() + "\n")
    write_durably(path, lambda file: file.write(data))


def list_checkpoints(folder: Path) -> list[Path]:
    """Return the checkpoints in ``folder``, newest first."""
    return sorted(folder.glob("epoch_*.pt"), key=_age, reverse=True)


def newest_sound_checkpoint(folder: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the newest checkpoint whose checksum holds, and its content; say why newer ones were passed over."""
    for path in list_checkpoints(folder):
        data = path.read_bytes()
        checksum = _checksum_path(path)
        if not checksum.is_file() or checksum.read_text().strip() != hashlib.sha256(data).hexdigest():
            logger.warning(f"{path}: passed over, its checksum does not hold")
            continue
        return path, torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    return None


def _to_bytes(content: Mapping[str, Any]) -> bytes:
    buffer = io.BytesIO()
    torch.save(dict(content), buffer)
    return buffer.getvalue()


def _age(path: Path) -> tuple[int, str]:
    return len(path.name), path.name  # epoch_9999 comes before epoch_10000


def _checksum_path(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _link(link: Path, target: Path) -> None:
    """Point ``link`` at ``target`` in the same folder; where links are not to be had, the numbered names must do."""
    beside = link.with_name(f".{link.name}.tmp")
    try:
        beside.unlink(missing_ok=True)
        os.symlink(target.name, beside)
        os.replace(beside, link)
    except OSError as error:
        logger.warning(f"{link}: no link made ({error.strerror})")
