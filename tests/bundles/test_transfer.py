"""Pretrained encoders, frozen or at their own rate, through the training command."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from commands import SMALL, Command, quick_with

NETWORK = {"network_def": "%bundles/networks/flexible_unet_resnet18.json"}
QUICK = {**SMALL, "max_epochs": "1", "image_size": "[32,32]"}


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random weights of a ResNet-18 for three channels, by torchvision's names."""
    from monai_seg.networks import ResNetUNet

    path = tmp_path_factory.mktemp("pretrained") / "resnet18.pth"
    torch.manual_seed(7)
    torch.save(ResNetUNet(3, 1, "resnet18").encoder.state_dict(), path)
    return path


@pytest.mark.parametrize("bundle", quick_with("covid_radiography"))
def test_a_frozen_encoder_ends_as_it_was_in_the_file(
    bundle: str, run: Command, twins: dict[str, Path], pretrained: Path, tmp_path: Path
):
    done = run(f"{bundle}/train", dataset_dir=twins[bundle], output_dir=tmp_path / "run", encoder_weights=pretrained,
               freeze_encoder="true", **NETWORK, **QUICK)
    assert done.code == 0, done
    assert f"encoder weights from {pretrained}: 120 of 120 keys matched" in done.stdout
    assert "frozen: the whole encoder; " in done.stdout
    trained = torch.load(tmp_path / "run" / "model.pt", weights_only=True)["model"]
    for name, value in torch.load(pretrained, weights_only=True).items():
        if name == "conv1.weight" and trained["encoder.conv1.weight"].shape[1] == 1:  # grey pictures
            torch.testing.assert_close(trained["encoder.conv1.weight"], value.sum(dim=1, keepdim=True))
        else:
            assert torch.equal(trained[f"encoder.{name}"], value), name
    done = run(f"{bundle}/evaluate", dataset_dir=twins[bundle], run_dir=tmp_path / "run")
    assert done.code == 0, "evaluation needs no file of pretrained weights"


@pytest.mark.slow
def test_the_encoder_learns_at_its_own_rate_and_a_resume_keeps_it(
    run: Command, twins: dict[str, Path], pretrained: Path, tmp_path: Path
):
    options = {"dataset_dir": twins["covid_radiography"], "output_dir": tmp_path / "run", "freeze_encoder": "2",
               "encoder_weights": pretrained, "encoder_learning_rate": "0.0001", **NETWORK, **QUICK}
    assert run("covid_radiography/train", **options).code == 0
    state = torch.load(tmp_path / "run" / "checkpoints" / "last.pt", weights_only=True)
    fast, slow = state["state"]["optimizer"]["param_groups"] if "state" in state else state["optimizer"]["param_groups"]
    assert slow["lr"] == pytest.approx(fast["lr"] * 0.0001 / 0.002)
    done = run("covid_radiography/train", **{**options, "resume": "true", "max_epochs": "2"})
    assert done.code == 0, done
    frozen = torch.load(tmp_path / "run" / "model.pt", weights_only=True)["model"]["encoder.layer1.0.conv1.weight"]
    assert torch.equal(frozen, torch.load(pretrained, weights_only=True)["layer1.0.conv1.weight"])


def test_a_file_that_does_not_fit_is_told_before_anything_is_written(
    run: Command, twins: dict[str, Path], tmp_path: Path
):
    torch.save({"a.weight": torch.zeros(1)}, tmp_path / "other.pth")
    options = {"dataset_dir": twins["covid_radiography"], "output_dir": tmp_path / "run", **QUICK}
    for given, line in {
        tmp_path / "other.pth": "none of its 1 keys is one of the encoder",
        tmp_path / "missing.pth": "no file or folder of weights here",
    }.items():
        done = run("covid_radiography/train", encoder_weights=given, **NETWORK, **options)
        assert line in done.error
    done = run("covid_radiography/train", freeze_encoder="true", **options)
    assert "freeze_encoder: UNet has no part of the name encoder; choose a --network_def" in done.error
    assert not (tmp_path / "run").exists()
