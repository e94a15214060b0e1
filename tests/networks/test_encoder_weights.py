from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from monai.networks.nets import EfficientNetBN, FlexibleUNet, UNet
from safetensors.torch import save_file
from torch import Tensor, nn

from monai_seg.errors import InputError
from monai_seg.networks import ResNetUNet
from monai_seg.networks.encoder_weights import load_encoder_weights
from monai_seg.networks.weights_in_file import read_weights


def network(in_channels: int = 3, backbone: str = "resnet10", seed: int = 1) -> ResNetUNet:
    torch.manual_seed(seed)
    return ResNetUNet(in_channels, 1, backbone, decoder_channels=(8, 8, 8, 8, 8))


def torchvision_weights() -> dict[str, Tensor]:
    """Random weights by torchvision's names of a ResNet-10, the norms' statistics included, and its head."""
    state = network(seed=0).encoder.state_dict()
    random = torch.Generator().manual_seed(0)
    weights = {name: value + 0.1 * torch.rand(value.shape, generator=random) if value.is_floating_point() else value
               for name, value in state.items()}
    return {**weights, "fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}


def same(network: nn.Module, weights: dict[str, Tensor]) -> bool:
    return all(torch.equal(value, weights[name]) for name, value in network.encoder.state_dict().items())


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return torchvision_weights()


WRAPPINGS: dict[str, Any] = {
    "plain": lambda weights: weights,
    "state_dict of a checkpoint": lambda weights: {"epoch": 3, "state_dict": weights},
    "data parallel": lambda weights: {f"module.{name}": value for name, value in weights.items()},
    "a run's model.pt": lambda weights: {"model": {f"encoder.{name}": value for name, value in weights.items()}},
    "nested twice": lambda weights: {"model": {"state_dict": {f"a.{name}": value for name, value in weights.items()}}},
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_every_weight_arrives_whatever_it_is_wrapped_in(
    wrapping: str, weights: dict[str, Tensor], tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    path = tmp_path / "resnet10.pth"
    torch.save(WRAPPINGS[wrapping](weights), path)
    net = network()
    with caplog.at_level(logging.INFO):
        told = load_encoder_weights(net, path)
    assert same(net, weights)
    assert told is not None and len(told.matched) == 72 and told.missing == []
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert record.message.startswith(f"encoder weights from {path}: 72 of 72 keys matched; not used: ")
    assert "fc.weight" in record.message


def test_safetensors_and_folders_are_read(weights: dict[str, Tensor], tmp_path: Path):
    save_file(weights, tmp_path / "model.safetensors")
    for path in (tmp_path / "model.safetensors", tmp_path):
        net = network()
        load_encoder_weights(net, path)
        assert same(net, weights)


KINDS = {"resnet18": ("basic", [2, 2, 2, 2], [64, 128, 256, 512]),
         "resnet50": ("bottleneck", [3, 4, 6, 3], [256, 512, 1024, 2048])}


def transformers_resnet(backbone: str) -> Any:
    """A ResNet of transformers, which computes what torchvision's does, with random weights and statistics."""
    from transformers import ResNetConfig, ResNetModel

    kind, depths, sizes = KINDS[backbone]
    torch.manual_seed(0)
    model = ResNetModel(ResNetConfig(layer_type=kind, depths=depths, hidden_sizes=sizes)).eval()
    for name, buffer in model.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.1)
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    return model


@pytest.mark.parametrize("backbone", KINDS)
def test_features_are_those_of_transformers(backbone: str, tmp_path: Path):
    """Stride, padding, shortcuts and norms lie where torchvision has them: the same weights give the same values."""
    from transformers.utils import logging as quiet

    quiet.disable_progress_bar()
    model = transformers_resnet(backbone)
    model.save_pretrained(tmp_path)
    image = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    nets: list[nn.Module] = [network(3, backbone)]
    if backbone == "resnet50":  # MONAI's own encoder has torchvision's layout from here on
        nets.append(FlexibleUNet(3, 1, backbone, decoder_channels=(8, 8, 8, 8, 8)))
    with torch.no_grad():
        wanted = model(image, output_hidden_states=True).hidden_states
        for net in nets:
            told = load_encoder_weights(net, tmp_path)
            assert told is not None and told.missing == told.unused == []
            for ours, theirs in zip(net.encoder.eval()(image)[1:], wanted[1:], strict=True):
                torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5 * float(theirs.abs().max()))


def test_one_channel_gives_what_three_equal_ones_give(weights: dict[str, Tensor], tmp_path: Path):
    torch.save(weights, tmp_path / "a.pth")
    grey = torch.rand(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    features = []
    for channels in (3, 1, 2, 4):
        net = network(channels)
        load_encoder_weights(net, tmp_path / "a.pth")
        with torch.no_grad():
            features.append(net.encoder.eval()(grey.expand(-1, channels, -1, -1)))
    for other in features[1:]:
        for ours, theirs in zip(other, features[0], strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5 * float(theirs.abs().max()))


def test_the_line_says_what_was_adapted_and_what_is_missing(
    weights: dict[str, Tensor], tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    torch.save({name: value for name, value in weights.items() if not name.startswith("layer4")}, tmp_path / "a.pth")
    net = network(1)
    before = {name: value.clone() for name, value in net.encoder.state_dict().items()}
    told = load_encoder_weights(net, tmp_path / "a.pth")
    assert told is not None and "layer4.0.conv1.weight" in told.missing
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "54 of 72 keys matched, the first convolution brought from 3 to 1 channels; " in record.message
    assert "keep random values: layer4.0.conv1.weight, layer4.0.bn1.weight, layer4.0.bn1.bias and " in record.message
    assert torch.equal(net.encoder.state_dict()["layer4.0.conv1.weight"], before["layer4.0.conv1.weight"])


def test_the_file_that_monai_downloads_for_an_efficientnet_fits(tmp_path: Path):
    """Its blocks are numbered through, without the stacks that MONAI groups them in."""
    torch.manual_seed(0)
    source = EfficientNetBN("efficientnet-b0", pretrained=False, in_channels=3, num_classes=7).state_dict()
    flat = {re.sub(r"^_blocks\.\d+\.", "_blocks.", name): value for name, value in source.items()}
    assert "_blocks.15._depthwise_conv.weight" in flat
    torch.save(flat, tmp_path / "efficientnet-b0.pth")
    net = FlexibleUNet(3, 1, "efficientnet-b0", decoder_channels=(8, 8, 8, 8, 8))
    told = load_encoder_weights(net, tmp_path / "efficientnet-b0.pth")
    assert told is not None and told.missing == [] and told.unused == ["_fc.weight", "_fc.bias"]
    assert all(torch.equal(value, source[name]) for name, value in net.encoder.state_dict().items()
               if not name.startswith("_fc."))


def test_nothing_given_changes_nothing():
    net = network()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    assert load_encoder_weights(net, None) is None
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_a_file_of_another_network_is_refused_and_changes_nothing(weights: dict[str, Tensor], tmp_path: Path):
    torch.save({"a.weight": torch.zeros(2, 2)}, tmp_path / "other.pth")
    torch.save(network(3, "resnet50").encoder.state_dict(), tmp_path / "resnet50.pth")
    net = network()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with pytest.raises(InputError, match=r"other\.pth: none of its 1 keys is one of the encoder \(a\.weight there"):
        load_encoder_weights(net, tmp_path / "other.pth")
    with pytest.raises(InputError, match=r"shapes differ \(layer1\.0\.conv1\.weight is \(64, 64, 1, 1\) there, "
                                         r"\(64, 64, 3, 3\) here; .* and \d+ more\)"):
        load_encoder_weights(net, tmp_path / "resnet50.pth")
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


def test_a_network_without_encoder_is_told(weights: dict[str, Tensor], tmp_path: Path):
    torch.save(weights, tmp_path / "a.pth")
    unet = UNet(2, 1, 1, channels=(4, 8), strides=(2,))
    with pytest.raises(InputError, match=r"^encoder_weights: UNet has no part of the name encoder; choose a "):
        load_encoder_weights(unet, tmp_path / "a.pth")


class Harmful:
    """Would run when unpickled."""

    def __reduce__(self) -> Any:
        return print, ("run",)


def test_what_is_no_file_of_weights_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "text.pth").write_text("not weights")
    (tmp_path / "text.safetensors").write_text("not weights")
    (tmp_path / "empty").mkdir()
    torch.save({"weight": Harmful()}, tmp_path / "harmful.pth")
    torch.save([1, 2], tmp_path / "list.pth")
    torch.save({"epoch": 3}, tmp_path / "none.pth")
    for name, cause in {"missing.pth": "no file or folder of weights here", "text.pth": "not a file of weights",
                        "text.safetensors": "not a safetensors file", "empty": "holds none of model.safetensors",
                        "harmful.pth": "not a file of weights", "list.pth": "holds a list, not a state dict",
                        "none.pth": r"holds no weights \(epoch\)"}.items():
        with pytest.raises(InputError, match=rf"{re.escape(name)}: {cause}.*; give a"):
            read_weights(tmp_path / name)
    assert "run" not in capsys.readouterr().out


def test_a_resnet_with_its_stride_elsewhere_is_refused(weights: dict[str, Tensor], tmp_path: Path):
    save_file(weights, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text(json.dumps({"downsample_in_bottleneck": True}))
    with pytest.raises(InputError, match=r"downsample_in_bottleneck is true: .*; give a ResNet with torchvision"):
        read_weights(tmp_path)
