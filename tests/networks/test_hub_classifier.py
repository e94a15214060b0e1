from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_backbones import KINDS, MEAN, STD, write_backbone
from torch import Tensor, nn

from monai_seg.errors import InputError
from monai_seg.networks.frozen_part import block_names
from monai_seg.networks.hub_classifier import HubClassifier, log_parameters, save_description

BLOCKS = {"swin": 3, "vit": 3, "dinov2": 3, "beit": 3}  # Swin: 1 + 2 in two stages


@pytest.fixture(scope="module")
def backbones(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("backbones")
    return {kind: write_backbone(kind, folder / kind) for kind in KINDS}


def train_a_little(network: nn.Module) -> dict[str, Tensor]:
    """Take three steps on random images and return the weights as they were before."""
    before = {name: value.clone() for name, value in network.state_dict().items()}
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(network.parameters(), 0.01, weight_decay=0.1)  # the decay would move what has a grad
    for _ in range(3):
        network.train()
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(torch.rand(4, 1, 40, 40)), torch.tensor([0, 1, 2, 3])).backward()
        optimizer.step()
    return before


def changed(network: nn.Module, before: dict[str, Tensor]) -> set[str]:
    return {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}


@pytest.mark.parametrize("kind", KINDS)
def test_the_backbone_is_the_file_s_and_gives_what_transformers_gives(kind: str, backbones: dict[str, Path]) -> None:
    from transformers import AutoModelForImageClassification

    torch.manual_seed(1)
    network = HubClassifier(backbones[kind], 4).eval()
    side = network.form.size[0]
    image = torch.rand(2, 1, side, side)
    alone = AutoModelForImageClassification.from_pretrained(backbones[kind], num_labels=4)
    alone.classifier.load_state_dict(network.model.classifier.state_dict())
    pixels = torch.cat([(image - mean) / std for mean, std in zip(MEAN, STD, strict=True)], dim=1)
    assert torch.allclose(network(image), alone.eval()(pixel_values=pixels).logits, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_images_of_any_size_give_logits_and_gradients(kind: str, channels: int, backbones: dict[str, Path]) -> None:
    network = HubClassifier(backbones[kind], 5)
    logits = network(torch.rand(2, channels, 47, 33))
    assert logits.shape == (2, 5)
    logits.square().sum().backward()
    without = {name for name, parameter in network.named_parameters() if parameter.grad is None}
    assert without == ({"model.dinov2.embeddings.mask_token"} if kind == "dinov2" else set())  # of its pre-training


def test_dinov2_takes_the_size_of_its_preprocessing_in_whole_patches(backbones: dict[str, Path]) -> None:
    assert HubClassifier(backbones["dinov2"], 4).form.size == (28, 28)  # crops of 30, patches of 14
    assert HubClassifier(backbones["vit"], 4).form.size == (32, 32)  # its config's


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_weights_stay_bit_for_bit_and_the_head_moves(kind: str, backbones: dict[str, Path]) -> None:
    network = HubClassifier(backbones[kind], 4, freeze="true")
    before = train_a_little(network)
    assert changed(network, before) == {"model.classifier.weight", "model.classifier.bias"}
    assert not any(module.training for module in network.model.base_model.modules())
    assert network.model.classifier.training


@pytest.mark.parametrize("last", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_the_last_blocks_and_what_follows_are_trained(kind: str, last: int, backbones: dict[str, Path]) -> None:
    network = HubClassifier(backbones[kind], 4, freeze=True, train_last=last)
    names = block_names(network.model.base_model)
    assert len(names) == BLOCKS[kind]
    before = train_a_little(network)
    moved = changed(network, before)
    base = f"model.{network.model.base_model_prefix}."
    for place, name in enumerate(names):
        has_moved = {key.startswith(f"{base}{name}.") for key in moved}
        assert (True in has_moved) == (place >= len(names) - last)
        assert network.get_submodule(f"{base}{name}").training == (place >= len(names) - last)
    assert network.get_submodule(f"{base}{names[-1]}".rpartition(".")[0]).training  # it holds frozen and trained ones
    assert not any(key.startswith(f"{base}embeddings.") for key in moved)
    assert "model.classifier.weight" in moved
    if kind != "beit":  # whose last norm is the pooler's
        assert f"{base}layernorm.weight" in moved
    assert {key for key, parameter in network.named_parameters() if parameter.requires_grad} >= moved


def test_what_the_file_lacks_of_the_head_is_trained_although_frozen(
    backbones: dict[str, Path], tmp_path: Path
) -> None:
    """BEiT as it is pre-trained has no norm after its mean."""
    folder = shutil.copytree(backbones["beit"], tmp_path / "beit")
    weights = {name: value for name, value in load_file(folder / "model.safetensors").items() if "pooler" not in name}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    network = HubClassifier(folder, 4, freeze=True)
    trained = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert trained == {"model.classifier.weight", "model.classifier.bias", "model.beit.pooler.layernorm.weight",
                       "model.beit.pooler.layernorm.bias"}  # fmt: skip


def test_the_log_tells_how_much_is_trained(backbones: dict[str, Path], caplog: pytest.LogCaptureFixture) -> None:
    network = HubClassifier(backbones["vit"], 4, freeze=True)
    total = sum(parameter.numel() for parameter in network.parameters())
    with caplog.at_level(logging.INFO):
        log_parameters(network)
    assert caplog.messages[-1] == f"ViTForImageClassification: 68 of {total:,} parameters are trained"  # 16 * 4 + 4


def test_a_kept_description_builds_the_network_without_the_weights(backbones: dict[str, Path], tmp_path: Path) -> None:
    trained = HubClassifier(backbones["swin"], 4)
    save_description(trained, tmp_path / "run" / "backbone")
    save_description(nn.Linear(1, 1), tmp_path / "other")
    assert not (tmp_path / "other").exists()
    again = HubClassifier(tmp_path / "run" / "backbone", 4, pretrained="false")
    again.load_state_dict(trained.state_dict())
    image = torch.rand(1, 1, 32, 32)
    assert torch.equal(again.eval()(image), trained.eval()(image))
    with pytest.raises(InputError, match=r"backbone: holds none of model.safetensors, .*; complete it, or give --pret"):
        HubClassifier(tmp_path / "run" / "backbone", 4)


@pytest.mark.parametrize(("options", "error"), [
    ({"train_last": 2}, "train_last: is 2, but nothing is frozen; give --freeze true"),
    ({"freeze": True, "train_last": 4}, "train_last: must be a whole number from 0 to 3, the blocks of this backbone"),
    ({"freeze": "perhaps"}, "freeze: 'perhaps' is no choice; give true or false"),
])  # fmt: skip
def test_wrong_settings_are_told(options: dict, error: str, backbones: dict[str, Path]) -> None:
    with pytest.raises(InputError, match=error):
        HubClassifier(backbones["vit"], 4, **options)


def test_weights_of_another_network_are_refused(backbones: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(backbones["vit"], tmp_path / "mixed")
    shutil.copy(backbones["swin"] / "model.safetensors", folder)
    with pytest.raises(InputError, match=r"mixed: its weights are not those of its config.json: none that fit embed"):
        HubClassifier(folder, 4)


def test_weights_of_another_width_are_refused(backbones: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(backbones["vit"], tmp_path / "wide")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 64}))
    with pytest.raises(InputError, match=r"wide: its weights are not those of its config.json: none that fit layers.0"):
        HubClassifier(folder, 4)


@pytest.mark.parametrize("content", ["", "{}", '{"model_type": "bert"}', '{"model_type": "nothing known"}', "[1]"])
def test_a_description_that_is_none_of_a_classifier_is_refused(
    content: str, backbones: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(backbones["vit"], tmp_path / "odd")
    (folder / "config.json").write_text(content)
    with pytest.raises(InputError, match="odd"):
        HubClassifier(folder, 4)


def test_a_cut_file_of_weights_is_refused(backbones: dict[str, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(backbones["vit"], tmp_path / "cut")
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(InputError, match=r"cut: transformers cannot make an image classifier of it \("):
        HubClassifier(folder, 4)
