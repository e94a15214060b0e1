"""What a user does wrong is told in one line, with exit code 1, before anything is written or moved."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from commands import SMALL, Command, snapshot
from PIL import Image


def cut(path: Path) -> Path:
    """Take the last half of a file away."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def draw(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def remove(path: Path, left: Path) -> Path:
    path.unlink()
    return left


def pair(twin: Path, training: bool) -> tuple[Path, Path]:
    """Return an image that training reads and its mask; or one of the test split, which it does not."""
    from monai_seg.data import DataList

    case = DataList(twin).cases("training" if training else "test")[0]
    return Path(case["image"]), Path(case["label"])


GREY = np.zeros((128, 128), np.uint8)
SPOILERS: dict[str, tuple[Callable[[Path, Path], Path], str]] = {
    "image without mask": (lambda image, mask: remove(mask, image), "image without mask"),
    "mask without image": (lambda image, mask: remove(image, mask), "mask without image"),
    "mask of another size": (lambda image, mask: draw(mask, GREY[:40, :50]), r"mask is \(H, W\) \(40, 50\)"),
    "undeclared mask value": (lambda image, mask: draw(mask, GREY + np.uint8(7)), "16,384 pixels .* but 7;"),
    "cut image": (lambda image, mask: cut(image), "cut|trunc|damaged|ends"),
    "cut mask": (lambda image, mask: cut(mask), "cut|trunc|damaged|ends"),
    "image of 16 bits": (lambda image, mask: draw(image, GREY.astype(np.uint16)), "16 bits per sample"),
    "empty file": (lambda image, mask: empty(image), "empty|no picture|0 bytes"),
}


@pytest.mark.parametrize("spoiler", SPOILERS)
def test_training_names_the_bad_file_and_moves_nothing(spoiler: str, run: Command, twin: Path, trained: Path):
    spoil, cause = SPOILERS[spoiler]
    bad = spoil(*pair(twin, training=True))
    standing = snapshot(trained)
    done = run("siim/train", dataset_dir=twin, output_dir=trained, **SMALL)
    assert done.error.startswith(f"error: {bad}: ")
    assert re.search(cause, done.error), done.error
    assert snapshot(trained) == standing
    assert not trained.with_name("run.1").exists()


@pytest.mark.parametrize("spoiler", ["mask of another size", "undeclared mask value", "cut image", "cut mask"])
def test_evaluation_names_the_bad_file(spoiler: str, run: Command, twin: Path, trained: Path):
    spoil, cause = SPOILERS[spoiler]
    bad = spoil(*pair(twin, training=False))
    standing = snapshot(trained)
    done = run("siim/evaluate", dataset_dir=twin, run_dir=trained)
    assert done.error.startswith(f"error: {bad}: ")
    assert re.search(cause, done.error), done.error
    assert snapshot(trained) == standing


WRONG_SETTINGS: dict[str, tuple[dict[str, str], str]] = {
    "augment": ({"augment": "stong"}, "augment: 'stong' is no choice; choose one of none, light, strong"),
    "precision": ({"precision": "fp8"}, "precision: 'fp8' is no precision; choose one of auto, fp32, bf16"),
    "resume": ({"resume": "maybe"}, "resume: 'maybe' is no choice; give true, false or auto"),
    "in_channels": ({"in_channels": "3"}, "in_channels: is 3, the images are read with 1; leave it to image_mode"),
    "image_mode": ({"image_mode": "CMYK"}, "image_mode|mode is 'CMYK'"),
    "image_size": ({"image_size": "64"}, r"image_size: must be \[height, width\] .* got 64; give"),
    "batch_size": ({"batch_size": "four"}, "batch_size: must be a whole number from 1 up, got 'four'"),
    "max_epochs": ({"max_epochs": "0"}, "max_epochs: must be a whole number from 1 up, got 0"),
    "learning_rate": ({"learning_rate": "fast"}, "learning_rate: must be a number above 0, got 'fast'"),
    "seed": ({"seed": "abc"}, "seed: must be a whole number from 0 up, got 'abc'"),
    "prior": ({"prior": "2"}, "prior: must be a number between 0 and 1, or '.None' .*, got 2"),
    "mask_encoding": ({"mask_encoding": "{'kind':'binry'}"}, "'binry'; choose one of 'binary'"),
    "out_channels": ({"out_channels": "3"}, "out_channels: is 3, but mask_encoding declares 2 classes"),
    "class_names": ({"class_names": "['a','b','c']"}, r"class_names: names 3 \(a, b, c\), out_channels 1 means 2"),
    "network of another bundle": ({"network_def": "%bundles/networks/tissue_unet.json"},
                                  "dropout: network_def needs this setting, .*; give --dropout a value, or choose"),
    "misspelt id": ({"max_epoch": "5"}, "max_epoch: no such setting in this config; give --max_epochs"),
}


@pytest.mark.parametrize("setting", WRONG_SETTINGS)
def test_training_names_the_wrong_setting_and_moves_nothing(
    setting: str, run: Command, twins: dict[str, Path], trained: Path
):
    wrong, line = WRONG_SETTINGS[setting]
    standing = snapshot(trained)
    done = run("siim/train", **{"dataset_dir": twins["siim"], "output_dir": trained, **SMALL, **wrong})
    assert re.search(line, done.error), done.error
    assert snapshot(trained) == standing
    assert not trained.with_name("run.1").exists()


def test_without_data_the_line_names_three_ways_on(run: Command, tmp_path: Path):
    done = run("siim/train", dataset_dir=tmp_path / "nowhere", output_dir=tmp_path / "run")
    assert done.error.startswith(f"error: {tmp_path / 'nowhere'}: no data set here; ")
    for way in ("--dataset_dir", "tools/prepare_siim.py", "python -m monai_seg sample siim data/siim"):
        assert way in done.error
    assert not (tmp_path / "run").exists()


def test_a_folder_without_pairs_is_told_what_is_looked_for(run: Command, tmp_path: Path):
    (tmp_path / "data").mkdir()
    done = run("siim/train", dataset_dir=tmp_path / "data", output_dir=tmp_path / "run")
    assert "found 0 images and 0 masks, so no pairs; use images/" in done.error
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("place", ["file", "file/run", "/proc/run"])
def test_a_run_folder_that_cannot_be_written_is_refused(
    place: str, run: Command, twins: dict[str, Path], tmp_path: Path
):
    (tmp_path / "file").write_text("not a folder")
    done = run("siim/train", dataset_dir=twins["siim"], output_dir=tmp_path / place, **SMALL)
    assert done.error.startswith(f"error: {tmp_path / place}: cannot be written (")
    assert (tmp_path / "file").read_text() == "not a folder"


def test_resuming_nothing_is_refused(run: Command, twins: dict[str, Path], tmp_path: Path):
    done = run("siim/train", dataset_dir=twins["siim"], output_dir=tmp_path / "run", resume="true", **SMALL)
    assert done.error.startswith(f"error: {tmp_path / 'run' / 'checkpoints'}: no checkpoint to resume from; start anew")
    assert not (tmp_path / "run").exists()


def test_resuming_with_another_network_leaves_the_run_as_it_is(
    run: Command, twins: dict[str, Path], trained: Path
):
    standing = snapshot(trained)
    options = {**SMALL, "dataset_dir": twins["siim"], "output_dir": trained, "resume": "true",
               "network_def": "%bundles/networks/dynunet.json"}
    done = run("siim/train", **options)
    assert "epoch_0002.pt: was made from something else: network_def::_target_" in done.error
    assert snapshot(trained) == standing
    forced = run("siim/train", force="true", **options)
    assert "epoch_0002.pt: does not fit this config" in forced.error
    assert snapshot(trained) == standing


@pytest.mark.parametrize("config", ["siim/evaluate", "siim/inference"])
def test_without_a_run_the_line_says_how_to_train(
    config: str, run: Command, twins: dict[str, Path], tmp_path: Path
):
    done = run(config, dataset_dir=twins["siim"], run_dir=tmp_path / "run", output_dir=tmp_path / "out")
    assert done.error.startswith(f"error: {tmp_path / 'run' / 'config.json'}: no trained run here; train first")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("config", ["siim/evaluate", "siim/inference"])
def test_a_run_without_weights_is_told(config: str, run: Command, twins: dict[str, Path], trained: Path):
    (trained / "model.pt").unlink()
    done = run(config, dataset_dir=twins["siim"], run_dir=trained)
    assert done.error.startswith(f"error: {trained / 'model.pt'}: no weights here; train first")


def test_weights_of_another_network_are_refused(run: Command, twins: dict[str, Path], trained: Path, tmp_path: Path):
    torch.save({"model": {"weight": torch.zeros(2)}}, tmp_path / "other.pt")
    done = run("siim/evaluate", dataset_dir=twins["siim"], run_dir=trained, weights=tmp_path / "other.pt")
    assert re.search(r"other\.pt: does not fit network_def: .* is missing, the network has \(", done.error)


def test_an_unknown_split_and_an_empty_one_are_told_apart(run: Command, twin: Path, trained: Path):
    done = run("siim/evaluate", dataset_dir=twin, run_dir=trained, split="tset")
    assert done.error == "error: split 'tset': no such split; choose one of training, validation, test"
    image, mask = pair(twin, training=True)
    case = {"image": str(image.relative_to(twin)), "label": str(mask.relative_to(twin))}
    (twin / "datalist.json").write_text(json.dumps({"training": [case]}))
    done = run("siim/evaluate", dataset_dir=twin, run_dir=trained)
    assert "the split 'test' has no cases; " in done.error
    assert not (trained / "cases.csv").exists()
