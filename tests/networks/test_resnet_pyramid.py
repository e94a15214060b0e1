from __future__ import annotations

import pytest
import torch
from monai.networks.nets.resnet import ResNetEncoder
from torch import Tensor, nn

from monai_seg.errors import InputError
from monai_seg.networks.resnet_pyramid import ResNetPyramid

TORCHVISION = {  # parameters of torchvision's networks, less those of the last layer, 512 or 2048 times 1000 and 1000
    "resnet18": 11_689_512 - 513_000,
    "resnet34": 21_797_672 - 513_000,
    "resnet50": 25_557_032 - 2_049_000,
}


def noise(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def pyramid(backbone: str, output_stride: int = 32, in_channels: int = 3) -> ResNetPyramid:
    """A pyramid in evaluation whose norms do something, the same for each output stride."""
    torch.manual_seed(0)
    network = ResNetPyramid(backbone, in_channels, output_stride)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2)
    return network.eval()


@pytest.mark.parametrize("backbone", sorted(TORCHVISION))
def test_it_has_the_parameters_and_names_of_torchvision(backbone: str) -> None:
    network = ResNetPyramid(backbone, 3)
    assert sum(weight.numel() for weight in network.parameters()) == TORCHVISION[backbone]
    names = set(network.state_dict())
    assert {"conv1.weight", "bn1.running_mean", "layer2.0.downsample.0.weight", "layer4.0.downsample.1.bias"} <= names
    assert not any(name.endswith("conv1.bias") or name.endswith("downsample.0.bias") for name in names)
    assert ("layer1.0.downsample.0.weight" in names) is (backbone == "resnet50")


@pytest.mark.parametrize(("output_stride", "strides"), [(32, [2, 4, 8, 16, 32]), (16, [2, 4, 8, 16, 16]),
                                                        (8, [2, 4, 8, 8, 8])])  # fmt: skip
def test_each_feature_has_its_stride_and_channels(output_stride: int, strides: list[int]) -> None:
    network = pyramid("resnet18", output_stride, 1)
    with torch.no_grad():
        features = network(noise(2, 1, 64, 96))
    assert [feature.shape for feature in features] == [
        (2, channels, 64 // stride, 96 // stride)
        for channels, stride in zip((64, 64, 128, 256, 512), strides, strict=True)
    ]
    assert network.channels == (64, 64, 128, 256, 512)


@pytest.mark.parametrize("backbone", ["resnet18", "resnet50"])
@pytest.mark.parametrize("output_stride", [16, 8])
def test_dilation_gives_the_strided_features_and_those_between(backbone: str, output_stride: int) -> None:
    image = noise(1, 3, 128, 96)
    with torch.no_grad():
        strided, dilated = pyramid(backbone)(image), pyramid(backbone, output_stride)(image)
    for coarse, fine in zip(strided, dilated, strict=True):
        step = fine.shape[-1] // coarse.shape[-1]
        assert torch.allclose(fine[..., ::step, ::step], coarse, atol=1e-4 * coarse.abs().max().item())
    assert dilated[-1].shape[-1] // strided[-1].shape[-1] == 32 // output_stride


@pytest.mark.parametrize(("network", "passes"), [
    (ResNetPyramid("resnet18", 1), True), (ResNetEncoder("resnet18", pretrained=False, spatial_dims=2), False),
])  # fmt: skip
def test_a_gradient_passes_the_shortcuts_where_monai_cuts_it(network: nn.Module, passes: bool) -> None:
    """With the residual branches switched off, the shortcuts alone carry the gradient."""
    network.eval()
    for name, weight in network.named_parameters():
        if name.endswith("bn2.weight"):
            nn.init.zeros_(weight)
    network(noise(1, 1, 64, 64))[-1].sum().backward()
    assert network.conv1.weight.grad.any().item() is passes


def test_from_resnet_50_up_monai_s_own_encoder_is_the_same() -> None:
    ours = pyramid("resnet50")
    theirs = ResNetEncoder("resnet50", pretrained=False, spatial_dims=2, in_channels=3).eval()
    theirs.load_state_dict(ours.state_dict())
    with torch.no_grad():
        pairs = zip(ours(noise(1, 3, 64, 64)), theirs(noise(1, 3, 64, 64)), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize(("backbone", "output_stride", "line"), [
    ("resnet19", 32, "^network_def: backbone must be one of resnet10, .*, got 'resnet19'; name one of these$"),
    ("resnet18", 4, "^network_def: output_stride must be 32, 16 or 8, got 4; give one of these$"),
])  # fmt: skip
def test_what_there_is_not_is_refused(backbone: str, output_stride: int, line: str) -> None:
    with pytest.raises(InputError, match=line):
        ResNetPyramid(backbone, 1, output_stride)
