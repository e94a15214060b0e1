from __future__ import annotations

import hashlib
import logging
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Events
from ignite.metrics import Metric
from monai.engines import SupervisedEvaluator, SupervisedTrainer
from monai.handlers import LrScheduleHandler, ValidationHandler, from_engine, stopping_fn_from_metric
from monai.handlers.ignite_metric import IgniteMetricHandler
from monai.losses import DiceLoss
from monai.metrics import DiceMetric
from monai.networks.nets import UNet
from monai.transforms import AsDiscreted, Compose, ScaleIntensityRanged
from same_state import equal
from torch import Tensor

from monai_seg import durable
from monai_seg.data import CaseDataset, case_loader
from monai_seg.errors import InputError
from monai_seg.handlers.checkpoint_files import list_checkpoints, newest_sound_checkpoint, write_checkpoint
from monai_seg.handlers.checkpoints import Checkpoints
from monai_seg.handlers.early_stop import EarlyStop
from monai_seg.handlers.repeatable_randomness import RepeatableRandomness
from monai_seg.transforms import BatchCompose, PrepareBatch, RandAffineBatchd, RandFlipBatchd, RandNoiseBatchd

CPU = torch.device("cpu")
INTENSITY = ScaleIntensityRanged("image", a_min=0, a_max=255, b_min=0, b_max=1)


class ScriptedMetric(Metric):
    """Gives the score that a script has for the epoch."""

    def __init__(self, script: dict[int, float], evaluator: Callable[[], SupervisedEvaluator]) -> None:
        self.script, self.evaluator = script, evaluator
        super().__init__(output_transform=lambda output: output["label"])

    def reset(self) -> None: ...

    def update(self, output: Any) -> None: ...

    def compute(self) -> float:
        return self.script[self.evaluator().state.epoch]


def square(case: dict[str, int]) -> dict[str, Tensor]:
    """A bright square whose place depends on the case."""
    label = torch.zeros(1, 16, 16, dtype=torch.uint8)
    label[:, case["image"] : case["image"] + 6, 4:10] = 1
    return {"image": label * 150 + 40, "label": label}


class Training:
    """A run with all that makes resuming hard: dropout, augmentation, shuffling, moments, schedule, early stopping."""

    def __init__(
        self, folder: Path, epochs: int, resume: bool | str = False, scores: list[float] | None = None,
        patience: int = 9, keep: int = 2, network_seed: int = 0, channels: tuple[int, ...] = (4, 8), state: bool = True,
        **options: Any,
    ) -> None:  # fmt: skip
        torch.manual_seed(network_seed)
        self.network = UNet(2, 1, 1, channels=channels, strides=(2,), num_res_units=1, dropout=0.3)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=0.01)
        self.schedule = torch.optim.lr_scheduler.MultiStepLR(self.optimizer, [1, 3], gamma=0.5)
        augment = BatchCompose([RandFlipBatchd(), RandAffineBatchd(0.7), RandNoiseBatchd(0.5)])
        dataset = CaseDataset([{"image": i} for i in range(7)], square)
        script = dict(enumerate(scores, 1)) if scores else None
        dice = DiceMetric(ignore_empty=False)
        metric = ScriptedMetric(script, lambda: self.evaluator) if script else IgniteMetricHandler(
            metric_fn=dice, output_transform=from_engine(["pred", "label"]), save_details=False)
        self.evaluator = SupervisedEvaluator(
            CPU, case_loader(dataset, 4, shuffle=False), self.network, prepare_batch=PrepareBatch(INTENSITY),
            postprocessing=Compose([AsDiscreted("pred", threshold=0)]), key_val_metric={"val_dice": metric},
            decollate=False,
        )  # fmt: skip
        self.early_stop = EarlyStop(patience, stopping_fn_from_metric("val_dice"), self.evaluator)
        parts = {"optimizer": self.optimizer, "lr_scheduler": self.schedule, "early_stop": self.early_stop}
        self.checkpoints = Checkpoints(folder, self.network, parts if state else {}, self.evaluator, resume, keep,
                                       **options)
        self.trainer = SupervisedTrainer(
            CPU, epochs, case_loader(dataset, 2, shuffle=True, seed=5), self.network, self.optimizer,
            DiceLoss(sigmoid=True), prepare_batch=PrepareBatch(INTENSITY, augment), decollate=False,
            train_handlers=[
                RepeatableRandomness(5), ValidationHandler(1, self.evaluator), self.early_stop,
                LrScheduleHandler(self.schedule, print_lr=False), self.checkpoints,
            ],
        )  # fmt: skip
        self.losses: list[float] = []
        self.epochs: list[int] = []
        self.trainer.add_event_handler(
            Events.ITERATION_COMPLETED, lambda engine: self.losses.append(engine.state.output["loss"].item())
        )
        self.trainer.add_event_handler(Events.EPOCH_STARTED, lambda engine: self.epochs.append(engine.state.epoch))

    def run(self) -> Training:
        self.trainer.run()
        return self


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def weights(folder: Path) -> dict[str, Tensor]:
    return torch.load(folder / "model.pt", weights_only=True)["model"]


def test_two_epochs_resumed_for_two_more_equal_four_bit_for_bit(tmp_path: Path) -> None:
    whole = Training(tmp_path / "whole", 4).run()
    first = Training(tmp_path / "parts", 2).run()
    torch.manual_seed(12345)  # what the process drew before must not matter
    second = Training(tmp_path / "parts", 4, resume=True, network_seed=99).run()
    assert second.epochs == [3, 4]
    assert first.losses + second.losses == whole.losses
    assert equal(second.network.state_dict(), whole.network.state_dict())
    assert equal(second.optimizer.state_dict(), whole.optimizer.state_dict())
    assert equal(second.schedule.state_dict(), whole.schedule.state_dict())
    assert equal(second.early_stop.state_dict(), whole.early_stop.state_dict())
    assert second.evaluator.state.best_metric == whole.evaluator.state.best_metric
    assert equal(weights(tmp_path / "parts"), weights(tmp_path / "whole"))
    assert len(set(whole.losses)) == len(whole.losses)  # dropout and augmentation were at work


def test_what_is_saved_comes_back(tmp_path: Path) -> None:
    saved = Training(tmp_path, 3, scores=[0.4, 0.9, 0.6]).run()
    back = Training(tmp_path, 3, resume=True, scores=[0.4, 0.9, 0.6], network_seed=99).run()
    assert back.epochs == []  # nothing was left to do
    assert (back.trainer.state.epoch, back.trainer.state.iteration) == (3, 3 * 3)
    assert equal(back.network.state_dict(), saved.network.state_dict())
    assert equal(back.optimizer.state_dict(), saved.optimizer.state_dict())
    assert back.schedule.state_dict() == saved.schedule.state_dict()
    assert (back.early_stop.counter, back.early_stop.best_score) == (1, 0.9)
    assert (back.evaluator.state.best_metric, back.evaluator.state.best_metric_epoch) == (0.9, 2)


def test_the_folder_holds_the_newest_checkpoints_their_checksums_and_a_link(tmp_path: Path) -> None:
    Training(tmp_path, 4, keep=3).run()
    files = [f"epoch_000{i}.pt" for i in (2, 3, 4)]
    assert names(tmp_path / "checkpoints") == sorted([*files, *(f"{file}.sha256" for file in files), "last.pt"])
    assert (tmp_path / "checkpoints" / "last.pt").resolve().name == "epoch_0004.pt"
    data = (tmp_path / "checkpoints" / "epoch_0004.pt").read_bytes()
    assert (tmp_path / "checkpoints" / "epoch_0004.pt.sha256").read_text() == hashlib.sha256(data).hexdigest() + "\n"
    assert names(tmp_path) == ["checkpoints", "model.pt"]


def test_the_best_weights_are_those_of_the_best_epoch(tmp_path: Path) -> None:
    Training(tmp_path, 3, scores=[0.4, 0.9, 0.6], keep=3).run()
    saved = torch.load(tmp_path / "checkpoints" / "epoch_0002.pt", weights_only=True)
    assert equal(weights(tmp_path), saved["network"])
    assert saved["evaluator"] == {"best_metric": 0.9, "best_metric_epoch": 2}


def test_a_worse_score_after_a_resume_leaves_the_best_weights(tmp_path: Path) -> None:
    scores = [0.4, 0.9, 0.5, 0.95]
    Training(tmp_path, 2, scores=scores).run()
    best = weights(tmp_path)
    Training(tmp_path, 3, resume=True, scores=scores).run()
    assert equal(weights(tmp_path), best)
    better = Training(tmp_path, 4, resume=True, scores=scores).run()
    assert not equal(weights(tmp_path), best)
    assert equal(weights(tmp_path), dict(better.network.state_dict()))


def test_a_run_that_stopped_early_stays_stopped_until_patience_grows(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    assert Training(tmp_path, 6, scores=scores, patience=2).run().epochs == [1, 2, 3]
    with caplog.at_level(logging.INFO, "monai_seg.handlers.checkpoints"):
        assert Training(tmp_path, 6, resume=True, scores=scores, patience=2).run().epochs == []
    assert "that run had stopped early; a larger --patience would let it go on" in caplog.text
    assert Training(tmp_path, 6, resume=True, scores=scores, patience=4).run().epochs == [4, 5]


def damage_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def damage_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def lose_checksum(path: Path) -> None:
    path.with_name(path.name + ".sha256").unlink()


@pytest.mark.parametrize("damage", [damage_byte, damage_end, empty, lose_checksum])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    whole = Training(tmp_path, 3).run()
    damage(tmp_path / "checkpoints" / "epoch_0003.pt")
    with caplog.at_level(logging.WARNING):
        again = Training(tmp_path, 3, resume=True).run()
    assert "epoch_0003.pt: passed over, its checksum does not hold" in caplog.text
    assert again.epochs == [3]
    assert equal(again.network.state_dict(), whole.network.state_dict())
    found = newest_sound_checkpoint(tmp_path / "checkpoints")
    assert found is not None
    assert found[0].name == "epoch_0003.pt"  # written anew


def test_what_a_kill_left_half_written_is_told_and_tidied_up(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    whole = Training(tmp_path / "whole", 3).run()
    folder = tmp_path / "killed" / "checkpoints"
    Training(tmp_path / "killed", 2).run()
    (folder / "epoch_0003.pt.sha256").write_text("0" * 64)  # the checksum comes first
    (folder / ".epoch_0003.pt.77.tmp").write_bytes(b"half of it")
    with caplog.at_level(logging.WARNING):
        again = Training(tmp_path / "killed", 3, resume=True).run()
    assert "epoch_0003.pt: passed over, it was not wholly written" in caplog.text
    assert again.epochs == [3]
    assert equal(again.network.state_dict(), whole.network.state_dict())
    assert not [name for name in names(folder) if name.endswith(".tmp")]


@pytest.mark.parametrize("iteration", range(1, 12))
def test_a_stop_after_any_iteration_loses_and_changes_nothing(tmp_path: Path, iteration: int) -> None:
    """Epochs of 3 batches: within one, at its last batch before the validation, and after it."""
    whole = Training(tmp_path / "whole", 4).run()
    first = Training(tmp_path / "parts", 4)
    first.trainer.add_event_handler(Events.ITERATION_COMPLETED(once=iteration), first.trainer.terminate)
    first.run()
    assert names(tmp_path / "parts" / "checkpoints")[-1] == "last.pt"
    second = Training(tmp_path / "parts", 4, resume=True, network_seed=99).run()
    assert len(first.losses) == iteration
    assert first.losses + second.losses == whole.losses
    assert equal(second.network.state_dict(), whole.network.state_dict())
    assert equal(second.optimizer.state_dict(), whole.optimizer.state_dict())
    assert equal(second.schedule.state_dict(), whole.schedule.state_dict())
    assert equal(second.early_stop.state_dict(), whole.early_stop.state_dict())
    assert equal(weights(tmp_path / "parts"), weights(tmp_path / "whole"))
    assert (second.trainer.state.epoch, second.trainer.state.iteration, second.trainer.state.max_epochs) == (4, 12, 4)


@pytest.mark.parametrize("epoch", [1, 2, 4])
def test_a_validation_that_is_cut_short_is_made_anew(tmp_path: Path, epoch: int) -> None:
    whole = Training(tmp_path / "whole", 4).run()
    first = Training(tmp_path / "parts", 4)

    def stop(evaluator: SupervisedEvaluator) -> None:
        if evaluator.state.epoch == epoch:
            first.trainer.terminate()
            evaluator.terminate(skip_completed=True)

    first.evaluator.add_event_handler(Events.ITERATION_COMPLETED, stop)
    first.run()
    newest = list_checkpoints(tmp_path / "parts" / "checkpoints")[0]
    assert newest.name == f"epoch_{epoch:04d}_iteration_{3 * epoch}.pt"
    second = Training(tmp_path / "parts", 4, resume=True, network_seed=99).run()
    assert first.losses + second.losses == whole.losses
    assert equal(second.network.state_dict(), whole.network.state_dict())
    assert equal(second.schedule.state_dict(), whole.schedule.state_dict())
    assert equal(second.early_stop.state_dict(), whole.early_stop.state_dict())
    assert equal(weights(tmp_path / "parts"), weights(tmp_path / "whole"))
    assert second.evaluator.state.best_metric_epoch == whole.evaluator.state.best_metric_epoch


def test_checkpoints_within_an_epoch_come_by_the_clock(tmp_path: Path) -> None:
    Training(tmp_path / "a", 2, every_s=1e-9).run()
    Training(tmp_path / "b", 2, every_s=3600).run()
    found = [[path.name for path in list_checkpoints(tmp_path / name / "checkpoints")] for name in "ab"]
    assert found == [["epoch_0002.pt", "epoch_0002_iteration_6.pt"], ["epoch_0002.pt", "epoch_0001.pt"]]


class Made:
    """Stands for the identity of a run."""

    def __init__(self, *differences: str) -> None:
        self.found = list(differences)

    def record(self) -> dict[str, Any]:
        return {"seed": 5}

    def differences(self, saved: Any) -> list[str]:
        assert saved == {"seed": 5}
        return self.found


def test_another_config_is_refused_with_the_difference_unless_forced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Training(tmp_path, 1, identity=Made()).run()
    before = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=r"0001\.pt: was made from something else: batch_size 4 -> 8; restore it"):
        Training(tmp_path, 2, resume="auto", identity=Made("batch_size 4 -> 8"))
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert Training(tmp_path, 2, resume=True, identity=Made()).run().epochs == [2]
    with caplog.at_level(logging.WARNING):
        forced = Training(tmp_path, 3, resume=True, identity=Made("batch_size 4 -> 8"), force="true").run()
    assert forced.epochs == [3]
    assert "batch_size 4 -> 8; going on as --force says" in caplog.text


def test_a_full_disk_keeps_the_old_checkpoint_and_training_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = Training(tmp_path / "whole", 3, scores=[0.4, 0.9, 0.6]).run()
    training = Training(tmp_path / "full", 3, scores=[0.4, 0.9, 0.6])
    full = [False]
    training.trainer.add_event_handler(Events.EPOCH_STARTED,
                                       lambda engine: full.__setitem__(0, engine.state.epoch == 2))
    monkeypatch.setattr(durable, "free_mb", lambda folder: 0.0 if full[0] else 1e6)
    with caplog.at_level(logging.WARNING):
        training.run()
    assert "epoch_0002.pt is not saved" in caplog.text and "epoch_0001.pt stands, training goes on" in caplog.text
    assert training.epochs == [1, 2, 3]
    assert training.trainer.state.save_error is None
    assert equal(weights(tmp_path / "full"), weights(tmp_path / "whole"))  # those of epoch 2, written in epoch 3
    assert whole.evaluator.state.best_metric_epoch == 2


def test_a_disk_that_stays_full_is_an_error_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Training(tmp_path, 1).run()
    before = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr(durable, "free_mb", lambda folder: 0.0)
    training = Training(tmp_path, 2, resume=True).run()
    assert "No space left" in str(training.trainer.state.save_error)
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_weights_whose_checkpoints_are_gone_are_set_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Training(tmp_path, 1, scores=[0.9]).run()
    best = weights(tmp_path)
    for path in list_checkpoints(tmp_path / "checkpoints"):
        damage_byte(path)
    with caplog.at_level(logging.WARNING):
        Training(tmp_path, 1, resume="auto", scores=[0.1], network_seed=9).run()
    assert "is of a run whose checkpoints are gone; it is now" in caplog.text
    assert equal(torch.load(tmp_path / "model.1.pt", weights_only=True)["model"], best)
    assert not equal(weights(tmp_path), best)


def test_state_that_could_not_be_loaded_is_an_error_at_the_first_save(tmp_path: Path) -> None:
    training = Training(tmp_path, 1)
    training.checkpoints.state["odd"] = type("Odd", (), {"state_dict": lambda self: {"path": Path("x")}})()
    with pytest.raises(pickle.UnpicklingError, match="Weights only load failed"):
        training.run()


def test_the_newest_is_kept_where_all_that_stood_there_is_damaged(tmp_path: Path) -> None:
    Training(tmp_path, 4).run()
    for path in list_checkpoints(tmp_path / "checkpoints"):
        damage_byte(path)
    assert Training(tmp_path, 1, resume="auto").run().epochs == [1]
    found = newest_sound_checkpoint(tmp_path / "checkpoints")
    assert found is not None
    assert found[0].name == "epoch_0001.pt"


def test_checkpoints_are_ordered_by_epoch_beyond_9999(tmp_path: Path) -> None:
    for epoch in (10000, 9999, 2):
        write_checkpoint(tmp_path / f"epoch_{epoch:04d}.pt", {"epoch": epoch})
    assert [path.name for path in list_checkpoints(tmp_path)] == ["epoch_10000.pt", "epoch_9999.pt", "epoch_0002.pt"]
    found = newest_sound_checkpoint(tmp_path)
    assert found is not None
    assert found[1] == {"epoch": 10000}


def test_resume_auto_starts_anew_where_there_is_nothing_and_true_refuses(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"checkpoints: no checkpoint to resume from; start anew with --resume false"):
        Training(tmp_path / "a", 1, resume=True).run()
    assert Training(tmp_path / "b", 1, resume="auto").run().epochs == [1]
    assert Training(tmp_path / "b", 2, resume="auto").run().epochs == [2]


def test_another_network_or_less_state_is_told_in_one_line(tmp_path: Path) -> None:
    Training(tmp_path / "a", 1).run()
    with pytest.raises(InputError, match=r"epoch_0001\.pt: does not fit this config \(Error.*; resume with") as caught:
        Training(tmp_path / "a", 2, resume=True, channels=(4, 16)).run()
    assert "\n" not in str(caught.value)
    Training(tmp_path / "b", 1, state=False).run()
    with pytest.raises(InputError, match="holds no state of optimizer, lr_scheduler, early_stop; resume"):
        Training(tmp_path / "b", 2, resume=True).run()


def test_only_the_first_process_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    training = Training(tmp_path, 1)
    monkeypatch.setenv("RANK", "1")
    training.run()
    assert names(tmp_path) == []


def test_choices(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="resume: 'yes' is no choice; give true, false or auto"):
        Training(tmp_path, 1, resume="yes")
    with pytest.raises(ValueError, match="keep must be 2 or more, so that one survives the loss of the other, got 1"):
        Training(tmp_path, 1, keep=1)
