"""The training command: what it leaves, what can be overridden, and going on with a run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch
from commands import SMALL, Command, bundle_command, run_apart, snapshot
from PIL import Image


def epochs(folder: Path) -> list[int]:
    with open(folder / "metrics.csv", newline="") as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


def best(folder: Path) -> tuple[float, int]:
    saved = torch.load(folder / "checkpoints" / "last.pt", weights_only=True)["evaluator"]
    return saved["best_metric"], saved["best_metric_epoch"]


def test_a_run_leaves_the_files_of_the_contract(runs: dict[str, Path]):
    for name, folder in runs.items():
        config = json.loads((folder / "config.json").read_text())
        assert config["image_size"] == [64, 64] and config["max_epochs"] == 2
        assert config["network_def"]["_target_"] == f"monai.networks.nets.{'BasicUNet' if name == 'tissue' else 'UNet'}"
        assert epochs(folder) == [1, 2]
        with Image.open(folder / "curves.png") as curves:
            assert min(curves.size) > 200
        assert (folder / "checkpoints" / "last.pt").resolve() == (folder / "checkpoints" / "epoch_0002.pt").resolve()
        assert list(torch.load(folder / "model.pt", weights_only=True)) == ["model"]
        assert not (folder / "run.lock").exists()


def test_tensorboard_holds_scalars_and_pictures(runs: dict[str, Path]):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(runs["siim"] / "tensorboard"))
    events.Reload()
    tags = events.Tags()
    assert {"train/loss", "train/learning_rate", "train/images_per_second", "val/val_dice"} <= set(tags["scalars"])
    assert [event.step for event in events.Scalars("val/val_dice")] == [1, 2]
    assert "thresholds/curves" in tags["images"]
    assert any(tag.startswith("validation/png_images/") for tag in tags["images"])
    assert all(tag.startswith(("validation/png_images/", "thresholds/")) for tag in tags["images"])


OVERRIDES: dict[str, dict[str, str]] = {
    "deep supervision": {"network_def": "%bundles/networks/dynunet.json", "image_size": "[32,32]"},
    "not square, not divisible": {"image_size": "[100,76]"},
    "batches of 3, fp32, no augmentation": {"batch_size": "3", "precision": "fp32", "augment": "none"},
    "bf16, strong augmentation": {"precision": "bf16", "augment": "strong"},
    "in colour, no cache, one worker": {"image_mode": "RGB", "cache_mb": "0", "num_workers": "1"},
}


@pytest.mark.parametrize("override", OVERRIDES)
def test_training_takes_the_override_and_evaluation_follows(
    override: str, run: Command, twins: dict[str, Path], tmp_path: Path
):
    options = {**SMALL, "max_epochs": "1", **OVERRIDES[override]}
    done = run("siim/train", dataset_dir=twins["siim"], output_dir=tmp_path / "run", **options)
    assert done.code == 0, done
    assert epochs(tmp_path / "run") == [1]
    assert (tmp_path / "run" / "model.pt").exists()
    done = run("siim/evaluate", dataset_dir=twins["siim"], run_dir=tmp_path / "run")
    assert done.code == 0, done


def test_a_resumed_run_goes_on_counting(run: Command, twins: dict[str, Path], trained: Path):
    before = best(trained)
    options = {**SMALL, "max_epochs": "4", "dataset_dir": twins["siim"], "output_dir": trained}
    done = run("siim/train", resume="true", **options)
    assert done.code == 0, done
    assert "epoch 2, best score" in done.stdout
    assert epochs(trained) == [1, 2, 3, 4]
    after = best(trained)
    assert after == before if after[1] <= 2 else after[0] > before[0]
    assert json.loads((trained / "config.json").read_text())["max_epochs"] == 4
    assert not trained.with_name("run.1").exists()


def test_two_halves_give_the_weights_of_the_whole(run: Command, twins: dict[str, Path], tmp_path: Path):
    options = {**SMALL, "dataset_dir": twins["siim"], "lr_scheduler::milestones": "[1]"}
    assert run("siim/train", output_dir=tmp_path / "whole", **options).code == 0
    assert run("siim/train", output_dir=tmp_path / "halves", **{**options, "max_epochs": "1"}).code == 0
    assert run("siim/train", output_dir=tmp_path / "halves", resume="auto", **options).code == 0
    whole, halves = (torch.load(tmp_path / name / "checkpoints" / "last.pt", weights_only=True)["network"]
                     for name in ("whole", "halves"))
    assert all(torch.equal(whole[key], halves[key]) for key in whole)


def test_early_stopping_ends_the_run_and_its_counter_survives(run: Command, twins: dict[str, Path], tmp_path: Path):
    options = {**SMALL, "dataset_dir": twins["siim"], "output_dir": tmp_path / "run", "max_epochs": "40",
               "patience": "1", "learning_rate": "0.0000001", "augment": "none"}
    done = run("siim/train", **options)
    assert done.code == 0, done
    stopped = epochs(tmp_path / "run")
    assert len(stopped) < 40
    again = run("siim/train", resume="true", **options)
    assert again.code == 0, again
    assert "stopped early" in again.stdout
    assert epochs(tmp_path / "run") == stopped


@pytest.mark.parametrize("resume", ["false", "False"])
def test_an_earlier_run_is_moved_aside_with_a_word(
    resume: str, run: Command, twins: dict[str, Path], trained: Path
):
    standing = snapshot(trained)
    done = run("siim/train", dataset_dir=twins["siim"], output_dir=trained, resume=resume,
               **{**SMALL, "max_epochs": "1"})
    assert done.code == 0, done
    assert f"{trained} held an earlier run; it is now {trained}.1" in done.stdout
    assert snapshot(trained.with_name("run.1")) == standing
    assert epochs(trained) == [1]


def test_a_run_that_is_stopped_within_an_epoch_goes_on_to_the_same_weights(
    run: Command, twins: dict[str, Path], runs: dict[str, Path], tmp_path: Path
):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    options = {**SMALL, "dataset_dir": twins["siim"], "output_dir": tmp_path / "run"}
    stopped = run("siim/train", max_time_s="0.001", **options)
    assert stopped.code == 143, stopped
    assert "stopped by max_time_s in epoch 1 after iteration 1; what was done is saved" in stopped.stdout
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("train/loss")] == [1]
    again = run("siim/train", resume="auto", **options)
    assert again.code == 0, again
    assert "resumed from" in again.stdout and "epoch_0001_iteration_1.pt: iteration 1, epoch 0" in again.stdout
    cards = [json.loads((folder / "run_card.json").read_text()) for folder in (runs["siim"], tmp_path / "run")]
    assert cards[0]["weights_sha256"] == cards[1]["weights_sha256"]
    assert cards[0]["best_weights_sha256"] == cards[1]["best_weights_sha256"]
    assert cards[1]["resumed_from"] == "epoch_0001_iteration_1.pt" and cards[1]["parent"]


def test_another_config_or_data_set_is_refused_on_resume_with_the_difference(
    run: Command, twins: dict[str, Path], trained: Path, twin: Path
):
    before = snapshot(trained)
    options = {**SMALL, "output_dir": trained, "resume": "auto", "max_epochs": "3"}
    other = run("siim/train", dataset_dir=twins["siim"], learning_rate="0.001", **options)
    assert "was made from something else: learning_rate 0.003 -> 0.001; restore it, start anew" in other.error
    moved = run("siim/train", dataset_dir=twin, **{**options, "max_epochs": "2"})  # the same data at another place
    assert moved.code == 0, moved
    lost = next(path for path in sorted((twin / "png_images").iterdir()))
    lost.unlink()
    (twin / "png_masks" / lost.name).unlink()
    fewer = run("siim/train", dataset_dir=twin, **options)
    assert f"1 cases removed (png_images/{lost.name})" in fewer.error
    kept = {name: content for name, content in snapshot(trained).items() if name.startswith("checkpoints")}
    assert kept == {name: content for name, content in before.items() if name.startswith("checkpoints")}
    forced = run("siim/train", dataset_dir=twin, force="true", **options)
    assert forced.code == 0, forced
    assert "going on as --force says" in forced.stdout + forced.stderr


@pytest.mark.slow
def test_commands_in_processes_of_their_own_end_as_forks_do(twins: dict[str, Path], tmp_path: Path):
    options = {**SMALL, "output_dir": tmp_path / "run", "max_epochs": "1"}
    done = run_apart(*bundle_command("siim/train", dataset_dir=twins["siim"], **options))
    assert done.code == 0, done
    assert epochs(tmp_path / "run") == [1]
    assert not (tmp_path / "run" / "run.lock").exists()
    refused = run_apart(*bundle_command("siim/evaluate", dataset_dir=tmp_path / "nowhere", run_dir=tmp_path / "run"))
    assert "no data set here" in refused.error
