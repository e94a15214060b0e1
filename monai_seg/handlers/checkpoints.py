"""Checkpoints that survive a kill at any moment, and the best weights, which a resumed run never spoils.

In the run folder stand ``checkpoints/epoch_0007.pt`` with ``epoch_0007.pt.sha256``, the newest ``keep`` of them,
``checkpoints/last.pt`` (a link to the newest) and ``model.pt``, the weights with the best validation score.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import torch
from ignite.engine import Engine, Events

from monai_seg.distributed import rank
from monai_seg.durable import make_folder
from monai_seg.errors import InputError
from monai_seg.handlers.checkpoint_files import (
    checkpoint_name,
    link,
    list_checkpoints,
    newest_sound_checkpoint,
    prune,
    save_weights,
    write_checkpoint,
)
from monai_seg.handlers.finite_values import FiniteValues
from monai_seg.processes import agreed, of_first
from monai_seg.switch import as_switch

logger = logging.getLogger(__name__)


class Identity(Protocol):
    """What a run is: `monai_seg.run.Identity`."""

    def record(self) -> dict[str, Any]: ...

    def differences(self, saved: Mapping[str, Any]) -> list[str]: ...


class Checkpoints:
    """Saves the whole state of training after each epoch, within one, and when training is stopped, and brings it back.

    Attach it to the trainer after the validation, the schedule and all else that an epoch's end changes. Where the disk
    refuses, a warning says so, the checkpoint before stands, and training goes on; ``trainer.state.save_error`` holds
    the error of the last save, or None, for `monai_seg.run.finish`.

    Args:
        output_dir: the run folder.
        network: its weights go to ``model.pt`` under the key ``model`` at each best score.
        state: what a checkpoint holds besides: things with ``state_dict`` and ``load_state_dict``, by name, such as the
            optimizer, the schedule, the early stop, averaged weights (`torch.optim.swa_utils.AveragedModel`).
        evaluator: the validation engine; its best score and epoch are part of the state.
        resume: false to start anew, true to go on from the newest sound checkpoint, "auto" to do so where there is one.
        keep: how many checkpoints to keep, at least 2.
        every_s: seconds after which a checkpoint is written within an epoch; None for epoch ends alone.
        identity: what the run is made from (config, data, versions); a resume compares it. None compares nothing.
        finite: asked before each save whether all numbers are numbers.
        force: resume although config or data are not those of the checkpoint.

    Raises:
        InputError: nothing to resume from, or what is there does not fit, or is of another config or other data.
    """

    def __init__(
        self,
        output_dir: str | Path,
        network: torch.nn.Module,
        state: Mapping[str, Any],
        evaluator: Engine,
        resume: bool | str = False,
        keep: int = 2,
        every_s: float | None = None,
        identity: Identity | None = None,
        finite: FiniteValues | None = None,
        force: bool | str = False,
    ) -> None:
        if keep < 2:
            raise ValueError(f"keep must be 2 or more, so that one survives the loss of the other, got {keep}")
        self.output_dir, self.folder = Path(output_dir), Path(output_dir) / "checkpoints"
        self.network, self.state, self.evaluator = network, dict(state), evaluator
        self.resume, self.keep, self.every_s = as_switch("resume", resume, ("auto",)), keep, every_s
        self.identity, self.finite, self.force = identity, finite, as_switch("force", force)
        self.saved: list[str] = []  # names of the checkpoints that this run has, newest first
        self._is_proved = False  # that what is saved can be loaded
        self._unsound: list[Path] = []
        self._unsaved_best: dict[str, torch.Tensor] | None = None
        self._saved_iteration, self._saved_s = -1, 0.0
        self._ended_epoch, self._cut_short = -1, False
        self._max_epochs: int | None = None  # while the engine's is raised by one
        self._resumed_from = self._bring_back() if self.resume else None

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, self._start)
        engine.add_event_handler(Events.GET_BATCH_STARTED, self._skip_to_epoch_end)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._save_now_and_then)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._save_epoch)
        engine.add_event_handler(Events.TERMINATE, self._save_what_is_unsaved)
        engine.add_event_handler(Events.COMPLETED, self._save_what_is_unsaved)
        self.evaluator.add_event_handler(Events.TERMINATE, self._save_before_validation, engine)

    def _start(self, engine: Engine) -> None:
        state: Any = engine.state
        state.save_error, state.resumed_from = None, None
        self._ended_epoch, self._cut_short, self._max_epochs, self._saved_s = -1, False, None, perf_counter()
        if self._resumed_from is None:
            self._saved_iteration = -1
            self._set_earlier_weights_aside()
            return
        path, saved = self._resumed_from
        self._resumed_from = None  # the state of a large network is not to be kept twice
        state.resumed_from = path.name
        state.epoch, state.iteration = saved["trainer"]["epoch"], saved["trainer"]["iteration"]
        self._saved_iteration = state.iteration
        best: Any = self.evaluator.state
        best.best_metric = saved["evaluator"]["best_metric"]
        best.best_metric_epoch = saved["evaluator"]["best_metric_epoch"]
        logger.info(f"resumed from {path}: iteration {state.iteration}, epoch {state.epoch}, best score "
                    f"{best.best_metric:.4f} in epoch {best.best_metric_epoch}")
        if any(getattr(part, "exhausted", False) for part in self.state.values()):
            logger.info("that run had stopped early; a larger --patience would let it go on")
            engine.terminate()
        elif state.iteration == (state.epoch + 1) * (state.epoch_length or 0):  # all but the epoch's end is done
            self._max_epochs, state.max_epochs = state.max_epochs, state.max_epochs + 1  # else Ignite thinks it done

    def _skip_to_epoch_end(self, engine: Engine) -> None:
        if self._max_epochs is not None:
            engine.state.max_epochs, self._max_epochs = self._max_epochs, None
            # the optimizer's steps before the schedule's were in another process
            warnings.filterwarnings("ignore", message="Detected call of `lr_scheduler.step")
            engine.terminate_epoch()

    def _save_now_and_then(self, engine: Engine) -> None:
        if self.every_s is not None and agreed(perf_counter() - self._saved_s >= self.every_s):
            self._save_what_is_unsaved(engine)

    def _save_what_is_unsaved(self, engine: Engine) -> None:
        epoch, iteration = engine.state.epoch, engine.state.iteration
        if self._cut_short or iteration in (0, self._saved_iteration):
            return
        if self._ended_epoch == epoch:  # its save has failed
            self._save(engine, checkpoint_name(epoch), epoch)
        else:
            self._save(engine, checkpoint_name(epoch, iteration), epoch - 1)

    def _save_before_validation(self, evaluator: Engine, trainer: Engine) -> None:
        """Save as it was before a validation that is cut short: the schedule and the like have yet to have their turn.

        Scores of the epoch's training batches would be lost, so where there are such the checkpoint before must do.
        """
        if trainer.should_terminate and evaluator.state.epoch == trainer.state.epoch:
            if trainer.state.key_metric_name is None:  # type: ignore[attr-defined]  # MONAI's
                self._save_what_is_unsaved(trainer)
            self._cut_short = True

    def _save_epoch(self, engine: Engine) -> None:
        if not self._cut_short:
            self._ended_epoch = engine.state.epoch
            self._save(engine, checkpoint_name(engine.state.epoch), engine.state.epoch)

    def _save(self, engine: Engine, name: str, epoch: int) -> None:
        """Save as ``name`` that ``epoch`` epochs are over; a refusal of the disk is told, and not raised."""
        if self.finite is not None:
            self.finite.check(engine)
        state: Any = engine.state
        if rank() != 0:
            self._saved_iteration, self._saved_s = state.iteration, perf_counter()
            return
        try:
            self._write(engine, self.folder / name, epoch)
            state.save_error, self._saved_iteration = None, state.iteration
        except InputError as error:
            state.save_error = error
            before = f"{self.saved[0]} stands" if self.saved else "there is none yet"
            logger.warning(f"{name} is not saved: {error}; {before}, training goes on")
        self._saved_s = perf_counter()

    def _write(self, engine: Engine, path: Path, epoch: int) -> None:
        make_folder(self.folder)
        best: Any = self.evaluator.state  # MONAI adds best_metric and best_metric_epoch to Ignite's
        if best.best_metric_epoch == epoch == engine.state.epoch:
            self._unsaved_best = {key: value.detach().cpu().clone() for key, value in self.network.state_dict().items()}
        if self._unsaved_best is not None:  # also of an earlier epoch, when the disk was full
            save_weights(self.output_dir / "model.pt", self._unsaved_best)
            self._unsaved_best = None
        saved = [path.name, *(name for name in self.saved if name != path.name)][: self.keep]
        write_checkpoint(path, {
            "network": self.network.state_dict(),
            "trainer": {"epoch": epoch, "iteration": engine.state.iteration},
            "evaluator": {"best_metric": float(best.best_metric), "best_metric_epoch": int(best.best_metric_epoch)},
            "saved": saved,
            **({"run": self.identity.record()} if self.identity is not None else {}),
            **{name: part.state_dict() for name, part in self.state.items()},
        }, prove=not self._is_proved)
        self.saved, self._is_proved = saved, True
        link(self.folder / "last.pt", path)
        prune(self.folder, path, self.keep, self._unsound)
        self._unsound = []

    def _set_earlier_weights_aside(self) -> None:
        weights, number = self.output_dir / "model.pt", 1
        if rank() != 0 or not self.resume or not weights.exists():
            return
        while (aside := self.output_dir / f"model.{number}.pt").exists():
            number += 1
        weights.rename(aside)
        logger.warning(f"{weights} is of a run whose checkpoints are gone; it is now {aside}")

    def _bring_back(self) -> tuple[Path, dict[str, Any]] | None:
        """Load what was saved, before the run begins and writes anything; the engines' counters wait for its start.

        The first of several processes reads it for all.
        """
        found = of_first(self._find)
        if found is not None:
            self._load(*found)
        return found

    def _find(self) -> tuple[Path, dict[str, Any]] | None:
        found = newest_sound_checkpoint(self.folder)
        standing = list_checkpoints(self.folder)
        self._unsound = standing if found is None else standing[: standing.index(found[0])]
        if found is None:
            if self.resume is True:
                raise InputError(self.folder, "no checkpoint to resume from", "start anew with --resume false")
            logger.info(f"nothing to resume in {self.folder}; training starts anew")
            return None
        self._check(*found)
        return found

    def _check(self, path: Path, saved: dict[str, Any]) -> None:
        needed = ["network", "trainer", "evaluator", "saved", *(["run"] if self.identity else []), *self.state]
        missing = [name for name in needed if name not in saved]
        if missing:
            raise InputError(path, f"holds no state of {', '.join(missing)}", "resume with the config that wrote it")
        if self.identity is not None:
            self._compare(path, self.identity.differences(saved["run"]))

    def _load(self, path: Path, saved: dict[str, Any]) -> None:
        try:
            self.network.load_state_dict(saved["network"])
            for name, part in self.state.items():
                part.load_state_dict(saved[name])
        except (RuntimeError, ValueError, KeyError) as error:
            raise InputError(path, f"does not fit this config ({str(error).splitlines()[0]})",
                             "resume with the network and optimizer that wrote it, or start anew") from error
        self.saved = [name for name in saved["saved"] if (self.folder / name).exists()]

    def _compare(self, path: Path, differences: list[str]) -> None:
        if differences and not self.force:
            raise InputError(path, f"was made from something else: {'; '.join(differences)}",
                             "restore it, start anew with --resume false, or go on all the same with --force true")
        if differences:
            logger.warning(f"{path} was made from something else: {'; '.join(differences)}; going on as --force says")
