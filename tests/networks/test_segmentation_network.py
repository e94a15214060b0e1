from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from monai.losses import DeepSupervisionLoss, DiceCELoss
from monai.networks.nets import AttentionUnet, BasicUNetPlusPlus, DynUNet, SegResNet, SegResNetDS, UNet
from torch import Tensor, nn

from monai_seg.errors import InputError
from monai_seg.networks import SegmentationNetwork, find_divisor
from monai_seg.networks.segmentation_network import set_prior


def unet(in_channels: int = 1, out_channels: int = 1, num_res_units: int = 2) -> nn.Module:
    return UNet(2, in_channels, out_channels, channels=(4, 8, 16), strides=(2, 2), num_res_units=num_res_units)


def dynunet(in_channels: int = 1, out_channels: int = 1) -> nn.Module:
    return DynUNet(2, in_channels, out_channels, [3] * 4, [1, 2, 2, 2], [2] * 3, filters=[4, 8, 16, 16],
                   norm_name="instance", deep_supervision=True, deep_supr_num=2)  # fmt: skip


def unet_plus_plus(in_channels: int = 1, out_channels: int = 1, deep_supervision: bool = False) -> nn.Module:
    return BasicUNetPlusPlus(2, in_channels, out_channels, features=(4, 4, 8, 8, 16, 4),
                             deep_supervision=deep_supervision)  # fmt: skip


def attention_unet(in_channels: int = 1, out_channels: int = 1) -> nn.Module:
    return AttentionUnet(2, in_channels, out_channels, channels=(4, 8, 16), strides=(2, 2))


def deep_unet_plus_plus(in_channels: int = 1, out_channels: int = 1) -> nn.Module:
    return unet_plus_plus(in_channels, out_channels, deep_supervision=True)


def segresnet_ds(in_channels: int = 1, out_channels: int = 1) -> nn.Module:
    return SegResNetDS(2, 8, in_channels, out_channels, blocks_down=(1, 1, 1), norm="INSTANCE", dsdepth=2)


def segresnet(in_channels: int = 1, out_channels: int = 1) -> nn.Module:
    return SegResNet(2, 8, in_channels, out_channels, blocks_down=(1, 1, 1), blocks_up=(1, 1))


MAKERS = {
    maker.__name__: maker
    for maker in (unet, dynunet, unet_plus_plus, deep_unet_plus_plus, attention_unet, segresnet_ds, segresnet)
}
DIVISORS = {"unet": 4, "dynunet": 8, "attention_unet": 4, "segresnet": 4, "segresnet_ds": 4}  # the strides' product
LEVELS = {"dynunet": 3, "deep_unet_plus_plus": 4, "segresnet_ds": 2}  # in training, 1 for all else
networks = pytest.mark.parametrize("name", sorted(MAKERS))
Maker = Callable[..., nn.Module]


def noise(*shape: int) -> Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def wrapped(name: str, out_channels: int = 1, **options: object) -> SegmentationNetwork:
    torch.manual_seed(0)
    network = MAKERS[name](2, out_channels)
    return SegmentationNetwork(network, 2, out_channels, **{"precision": "fp32", **options})  # type: ignore[arg-type]


@networks
@pytest.mark.parametrize("size", [(32, 32), (33, 35), (61, 97), (40, 32)])
def test_any_size_gives_logits_of_that_size(name: str, size: tuple[int, int]) -> None:
    with torch.no_grad():
        logits = wrapped(name, 3).eval()(noise(2, 2, *size))
    assert isinstance(logits, Tensor)
    assert logits.shape == (2, 3, *size)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


@networks
def test_training_gives_a_list_of_the_levels_where_there_are_several(name: str) -> None:
    outputs = wrapped(name).train()(noise(2, 2, 33, 40))
    levels = [outputs] if isinstance(outputs, Tensor) else outputs
    assert isinstance(outputs, list) is (name in LEVELS)
    assert len(levels) == LEVELS.get(name, 1)
    assert all(level.shape == (2, 1, 33, 40) for level in levels)


@networks
def test_every_weight_that_training_uses_gets_a_gradient(name: str) -> None:
    network = wrapped(name).train()
    loss = DeepSupervisionLoss(DiceCELoss(sigmoid=True, batch=True))
    loss(network(noise(2, 2, 32, 32)), (noise(2, 1, 32, 32) > 0.5).float()).backward()
    lacking = [key for key, weight in network.named_parameters() if weight.grad is None]
    # without deep supervision UNet++ has heads that nothing calls
    assert not lacking or (name == "unet_plus_plus" and all("final_conv_0" in key for key in lacking))


@networks
def test_the_divisor_is_the_smallest_that_fits(name: str) -> None:
    divisor = find_divisor(MAKERS[name](2, 1), 2, 1)
    assert divisor == DIVISORS.get(name, divisor)
    assert wrapped(name).divisor == divisor


def test_in_training_and_evaluation_the_first_level_is_the_finest() -> None:
    """UNet++ lists its levels from the shallowest; the one it gives without deep supervision is the last."""
    torch.manual_seed(0)
    network = deep_unet_plus_plus().eval()
    image = noise(1, 1, 32, 32)
    with torch.no_grad():
        finest = network(image)[-1]
        mine = SegmentationNetwork(network, 1, 1, precision="fp32").eval()(image)
    torch.testing.assert_close(mine, finest, rtol=1e-4, atol=1e-5)  # but for the rounding of another layout


def test_a_lower_level_covers_what_the_image_covers_after_padding() -> None:
    class TwoLevels(nn.Module):
        """Wants multiples of 32; its lower level is the image at half the size."""

        def forward(self, image: Tensor) -> list[Tensor]:
            if image.shape[-1] % 32 or image.shape[-2] % 32:
                raise ValueError("not a multiple of 32")
            return [image, nn.functional.avg_pool2d(image, 2)]

    image = torch.linspace(0, 1, 70).expand(1, 1, 70, 70)  # padded to 96
    fine, coarse = SegmentationNetwork(TwoLevels(), 1, 1, precision="fp32").train()(image)
    assert torch.equal(fine, image)
    assert torch.allclose(coarse, image, atol=0.01)


def test_padding_repeats_the_border_and_is_cut_off_again() -> None:
    class MeanAbove(nn.Module):
        """Tells the size it gets and what lies in its last row and column."""

        def forward(self, image: Tensor) -> Tensor:
            if image.shape[-1] % 16 or image.shape[-2] % 16:
                raise ValueError("not a multiple of 16")
            self.seen = image
            return image

    inner = MeanAbove()
    image = noise(1, 1, 33, 50)
    assert torch.equal(SegmentationNetwork(inner, 1, 1, precision="fp32").eval()(image), image)
    assert inner.seen.shape == (1, 1, 48, 64)
    assert torch.equal(inner.seen[..., 33:, :50], image[..., -1:, :].expand(1, 1, 15, 50))
    assert torch.equal(inner.seen[..., :33, 50:], image[..., -1:].expand(1, 1, 33, 14))


@networks
def test_bf16_gives_float32_logits_close_to_those_of_fp32(name: str) -> None:
    image = noise(1, 2, 64, 64)
    with torch.no_grad():
        exact, rounded = (wrapped(name, precision=kind).eval()(image) for kind in ("fp32", "bf16"))
    assert rounded.dtype == torch.float32
    assert not torch.equal(exact, rounded)
    assert (exact - rounded).abs().mean() < 0.05 * exact.std()  # bf16 keeps 8 bits: 0.4 % per operation


def test_the_weights_are_those_of_the_inner_network() -> None:
    inner = unet(2, 1)
    network = SegmentationNetwork(inner, 2, 1)
    assert network.network is inner
    fresh = unet(2, 1)
    fresh.load_state_dict(inner.state_dict())
    assert [id(weight) for weight in network.parameters()] == [id(weight) for weight in inner.parameters()]


@networks
def test_trying_sizes_changes_neither_the_network_nor_the_random_numbers(name: str) -> None:
    network = MAKERS[name](2, 1).train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    random_state = torch.get_rng_state()
    SegmentationNetwork(network, 2, 1)
    assert network.training
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert not any(module._forward_pre_hooks for module in network.modules())


@networks
def test_a_prior_is_near_the_mean_probability_of_the_untrained_network(name: str) -> None:
    image = torch.randn(2, 2, 64, 64, generator=torch.Generator().manual_seed(1)).sigmoid()
    with torch.no_grad():
        rare = wrapped(name, prior=0.02).eval()(image).sigmoid().mean()
        plain = wrapped(name).eval()(image).sigmoid().mean()
    assert 0.01 < rare < 0.06
    assert plain > 0.2
    assert not any(module._forward_pre_hooks for module in wrapped(name, prior=0.02).modules())


@pytest.mark.parametrize("num_res_units", [0, 1, 2])
def test_a_prior_finds_the_last_convolution_of_any_unet(num_res_units: int) -> None:
    network = unet(1, 1, num_res_units)
    with torch.no_grad():
        set_prior(network, 0.01, noise(1, 1, 32, 32))
        assert network.eval()(noise(1, 1, 32, 32)).sigmoid().mean() < 0.05


@networks
@pytest.mark.parametrize(("in_channels", "out_channels", "line"), [
    (3, 1, r"^network_def: the network takes no \(1, 3, H, W\) image: .*; set its in_channels to @in_channels"),
    (2, 5, "^network_def: the network gives 1 channels, the data have 5; set its out_channels to @out_channels$"),
])  # fmt: skip
def test_wrong_channels_are_told_in_one_line(name: str, in_channels: int, out_channels: int, line: str) -> None:
    with pytest.raises(InputError, match=line) as caught:
        SegmentationNetwork(MAKERS[name](2, 1), in_channels, out_channels)
    assert "\n" not in str(caught.value)


def test_a_network_for_volumes_is_told() -> None:
    with pytest.raises(InputError, match=r"takes no \(1, 1, H, W\) image: .* and its spatial_dims to 2"):
        SegmentationNetwork(UNet(3, 1, 1, channels=(4, 8), strides=(2,)), 1, 1)


@pytest.mark.parametrize("prior", [0.0, 1.0, -0.1, 2.0])
def test_a_prior_is_a_probability(prior: float) -> None:
    with pytest.raises(InputError, match=r"^prior: must be between 0 and 1, got .*; give the share of lesion pixels"):
        SegmentationNetwork(unet(), 1, 1, prior=prior)


def test_a_prior_needs_a_bias() -> None:
    with pytest.raises(InputError, match=r"^prior: the network's last convolution has no bias to hold it; set prior"):
        SegmentationNetwork(nn.Conv2d(1, 1, 1, bias=False), 1, 1, prior=0.1)
