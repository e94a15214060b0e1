from __future__ import annotations

import pytest
import torch
from monai.networks.nets import UNet
from torch import Tensor, nn

from monai_seg.errors import InputError
from monai_seg.networks import MultiTaskUNet, SegmentationNetwork
from monai_seg.networks.segmentation_network import set_prior, split_tasks

CHANNELS, STRIDES = (4, 8, 16), (2, 2)


def multitask(num_res_units: int = 2, in_channels: int = 1, out_channels: int = 1) -> MultiTaskUNet:
    torch.manual_seed(0)
    return MultiTaskUNet(in_channels, out_channels, 4, CHANNELS, STRIDES, num_res_units=num_res_units)


def noise(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("num_res_units", [0, 1, 2])
def test_the_masks_are_those_of_the_plain_unet(num_res_units: int):
    network = multitask(num_res_units).eval()
    plain = UNet(2, 1, 1, CHANNELS, STRIDES, num_res_units=num_res_units).eval()
    told = network.load_state_dict(plain.state_dict(), strict=False)
    assert told.unexpected_keys == [] and told.missing_keys == ["classify.3.weight", "classify.3.bias"]
    with torch.no_grad():
        masks, classes = network(noise(2, 1, 32, 48))
        assert torch.equal(masks, plain(noise(2, 1, 32, 48)))
    assert classes.shape == (2, 4)


def test_the_class_is_told_from_the_lowest_features():
    """They are what comes out of the innermost block, pooled over the image."""
    network = multitask().eval()
    lowest = network.model[1].submodule[1].submodule
    caught: list[Tensor] = []
    lowest.register_forward_hook(lambda *caught_of: caught.append(caught_of[2]))
    with torch.no_grad():
        _, classes = network(noise(2, 1, 32, 48))
        assert caught[0].shape == (2, 16, 8, 12)
        torch.testing.assert_close(classes, network.classify[3](caught[0].mean(dim=(-2, -1))))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("size", [(32, 32), (33, 47), (96, 64)])
def test_around_it_any_size_gives_both_logits_in_fp32(size: tuple[int, int], precision: str):
    network = SegmentationNetwork(multitask(1, 3, 2), 3, 2, precision=precision, num_classes=4)
    for mode in (True, False):
        masks, classes = network.train(mode)(noise(2, 3, *size))
        assert masks.shape == (2, 2, *size) and classes.shape == (2, 4)
        assert masks.dtype == classes.dtype == torch.float32


def test_every_weight_gets_a_gradient():
    network = SegmentationNetwork(multitask(), 1, 1).train()
    masks, classes = network(noise(2, 1, 32, 32))
    (masks.mean() + classes.square().mean()).backward()
    assert [name for name, weight in network.named_parameters() if weight.grad is None] == []


class DeepWithClasses(nn.Module):
    """Two levels of masks, and a class branch that is a convolution called after the mask's head."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head, self.low = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 1, 1), nn.Conv2d(4, 1, 2, stride=2)
        self.branch = nn.Conv2d(4, 3, 1)

    def forward(self, image: Tensor) -> tuple[list[Tensor], Tensor]:
        features = self.body(image)
        levels = [self.head(features), self.low(features)]
        return levels, self.branch(features.mean(dim=(-2, -1), keepdim=True)).flatten(1)


def test_levels_of_deep_supervision_and_classes_go_together():
    network = SegmentationNetwork(DeepWithClasses(), 1, 1, num_classes=3)
    levels, classes = network.train()(noise(2, 1, 34, 40))
    assert isinstance(levels, list) and [level.shape for level in levels] == 2 * [(2, 1, 34, 40)]
    masks, _ = network.eval()(noise(2, 1, 34, 40))
    assert isinstance(masks, Tensor) and classes.shape == (2, 3)


def test_the_prior_goes_to_the_head_of_the_masks():
    network = DeepWithClasses()
    before = network.branch.bias.clone()
    SegmentationNetwork(network, 1, 1, prior=0.1)
    assert network.head.bias.item() == pytest.approx(-2.19722, abs=1e-4)  # ln(0.1 / 0.9)
    assert torch.equal(network.branch.bias, before)
    assert not any(weight.grad is not None for weight in network.parameters())


@pytest.mark.parametrize("num_res_units", [0, 2])
def test_the_prior_finds_the_head_of_the_unet(num_res_units: int):
    network = multitask(num_res_units)
    with torch.no_grad():
        set_prior(network, 0.01, noise(1, 1, 32, 32))
        assert network.eval()(noise(1, 1, 32, 32))[0].sigmoid().mean() < 0.05


def test_a_class_branch_that_is_missing_or_of_another_size_is_told():
    plain = UNet(2, 1, 1, CHANNELS, STRIDES)
    with pytest.raises(InputError, match=r"^network_def: the network gives no class logits, the data have 4 classes of "
                                         "images; choose %bundles/networks/multitask_unet.json"):
        SegmentationNetwork(plain, 1, 1, num_classes=4)
    with pytest.raises(InputError, match="the network gives 4 class logits, the data have 3 classes"):
        SegmentationNetwork(multitask(), 1, 1, num_classes=3)


def test_two_levels_of_masks_are_no_class_branch():
    levels = [noise(2, 1, 8, 8), noise(2, 1, 4, 4)]
    assert split_tasks(levels) == (levels, None)
    assert split_tasks(levels[0])[1] is None


def test_it_is_exported_and_compiled_with_both_outputs():
    network, image = multitask().eval(), noise(2, 1, 32, 48)
    exported = torch.export.export(network, (image,)).module()
    compiled = torch.compile(network, backend="aot_eager")
    with torch.no_grad():
        for outputs in (exported(image), compiled(image)):
            for ours, theirs in zip(outputs, network(image), strict=True):
                torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)
