"""verify: what was packed holds, and each broken promise is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from monai_seg.bundle.verification import reading, running, verify
from monai_seg.bundle.verification.command import run_verify
from monai_seg.bundle.verification.outcome import DoesNotHold


@pytest.mark.parametrize("name", ["siim", pytest.param("covid_radiography_multitask", marks=pytest.mark.slow)])
def test_everything_holds_of_what_was_packed(handed: dict, tmp_path: Path, name: str):
    assert run_verify(handed[name].packed.path, tmp_path / "report.json", False, False) == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["holds"] and len(report["checks"]) == 13
    assert all(check["holds"] and check["told"] for check in report["checks"])


def test_what_check_bundle_refuses_is_not_run(handed: dict, tmp_path: Path):
    folder = shutil.copytree(handed["siim"].folder, tmp_path / "siim")
    (folder / "configs/inference.json").write_text('{"run": ["$__import__(1)"]}')
    [outcome] = verify(folder)
    assert outcome.check == "check-bundle" and not outcome.holds
    assert run_verify(folder, None, False, False) == 1


@pytest.fixture
def copy(handed: dict, tmp_path: Path) -> Path:
    return shutil.copytree(handed["siim"].folder, tmp_path / "siim")


def change(path: Path, how: Callable[[Any], Any]) -> None:
    content = json.loads(path.read_text())
    how(content)
    path.write_text(json.dumps(content))


def test_a_missing_file_is_named(copy: Path):
    (copy / "docs/data_license.txt").unlink()
    with pytest.raises(DoesNotHold, match=r"docs/data_license.txt is missing"):
        reading.check_layout(copy)


def test_a_version_without_a_line_in_the_changelog(copy: Path):
    change(copy / "configs/metadata.json", lambda metadata: metadata.update(version="9.9.9"))
    with pytest.raises(DoesNotHold, match=r"changelog: has no entry for version 9.9.9"):
        reading.check_metadata(copy)


@pytest.mark.parametrize(("config", "how", "cause"), [
    ("inference", lambda c: c.update(image_size=[32, 32]), r"inference works at \[32, 32\], training at \[64, 64\]"),
    ("evaluate", lambda c: c["intensity"].update(a_max=100), "intensity of evaluate and inference differ"),
    ("inference", lambda c: c["preprocessing"]["transforms"].reverse(), "inference prepares by"),
    ("train", lambda c: c.update(image_mode="RGB"), "training reads RGB"),
])
def test_another_preparation_than_in_training(copy: Path, config: str, how: Callable[[Any], Any], cause: str):
    change(copy / f"configs/{config}.json", how)
    with pytest.raises(DoesNotHold, match=cause):
        reading.check_preparation(copy)


@pytest.mark.parametrize(("text", "cause"), [
    ("see /home/ada/runs", "holds the path /home/ada"),
    ("C:\\Users\\ada", "holds the path"),
    ("hf_" + "a" * 34, "a token of Hugging Face"),
    ("-----BEGIN PRIVATE " + "KEY-----", "a private key"),
])
def test_a_path_or_a_secret_in_a_text(copy: Path, text: str, cause: str):
    (copy / "docs/notes.md").write_text(text)
    with pytest.raises(DoesNotHold, match=cause):
        reading.check_texts(copy)


def test_weights_of_another_network_and_weights_that_are_not_finite(copy: Path):
    content = torch.load(copy / "models/model.pt", weights_only=True)
    first = next(iter(content["model"]))
    content["model"][first][:] = float("nan")
    torch.save(content, copy / "models/model.pt")
    with pytest.raises(DoesNotHold, match="not finite"):
        running.check_weights(copy)
    del content["model"][first]
    torch.save(content, copy / "models/model.pt")
    with pytest.raises(RuntimeError, match="Missing key"):
        running.check_weights(copy)


def test_an_export_of_other_weights_and_a_sample_of_others(copy: Path):
    content = torch.load(copy / "models/model.pt", weights_only=True)
    for value in content["model"].values():
        value.mul_(1.5)
    torch.save(content, copy / "models/model.pt")
    with pytest.raises(DoesNotHold, match=r"differ from those of model.pt by"):
        running.check_export(copy)
    with pytest.raises(DoesNotHold, match="differ from those recorded"):
        running.check_sample(copy)


def test_a_mask_recorded_otherwise(copy: Path):
    with Image.open(copy / "samples/mask.png") as image:
        mask = np.array(image)
    mask[0, :3] = 255 - mask[0, :3]
    Image.fromarray(mask).save(copy / "samples/mask.png")
    with pytest.raises(DoesNotHold, match="3 pixels of the mask differ"):
        running.check_sample(copy)


def test_metadata_of_other_channels(copy: Path):
    change(copy / "configs/metadata.json",
           lambda metadata: metadata["network_data_format"]["outputs"]["pred"].update(num_channels=2))
    with pytest.raises(ValueError, match="output channel number"):
        running.check_net_in_out(copy)


def test_a_missing_property(copy: Path):
    change(copy / "configs/inference.json", lambda config: config.pop("device"))
    with pytest.raises(DoesNotHold, match=r"inference.json lacks or misnames device"):
        running.check_properties(copy)


def test_masks_that_lie_on_their_side(copy: Path):
    """Without the transposition before MONAI's writer, which turns rows into columns."""
    change(copy / "configs/inference.json", lambda config: config["postprocessing"].update(
        transforms=[step for step in config["postprocessing"]["transforms"]
                    if not (isinstance(step, dict) and step["_target_"] == "Transposed")]))
    with pytest.raises(DoesNotHold, match=r"a picture of \(60, 200\) gives a mask of \(200, 60\)"):
        running.check_orientation(copy)
