from __future__ import annotations

import numpy as np
import pytest
import torch

from monai_seg.transforms.batch_intensity import (
    RandBlurBatchd,
    RandColourBatchd,
    RandContrastBatchd,
    RandGammaBatchd,
    RandNoiseBatchd,
)


def grey(*values: float) -> torch.Tensor:
    return torch.tensor(values).view(1, 1, 1, -1)


def test_contrast_stretches_about_the_mean_and_shifts() -> None:
    stretched = RandContrastBatchd().apply("image", grey(0.4, 0.6), [(2.0, 0.1)])
    assert stretched.flatten().tolist() == pytest.approx([0.5 - 2 * 0.1 + 0.1, 0.5 + 2 * 0.1 + 0.1])


def test_contrast_takes_the_mean_of_each_image_for_itself() -> None:
    two = torch.cat([grey(0.1, 0.3), grey(0.6, 0.8)])
    stretched = RandContrastBatchd().apply("image", two, [(0.5, 0.0), (1.0, 0.0)])
    assert stretched[0].flatten().tolist() == pytest.approx([0.15, 0.25])
    assert stretched[1].flatten().tolist() == pytest.approx([0.6, 0.8])


def test_contrast_is_cut_at_black_and_white() -> None:
    stretched = RandContrastBatchd().apply("image", grey(0.0, 1.0), [(3.0, 0.0)])
    assert stretched.flatten().tolist() == [0, 1]


def test_gamma_by_hand() -> None:
    bent = RandGammaBatchd().apply("image", torch.cat([grey(0, 0.5, 1), grey(0, 0.25, 1)]), [2.0, 0.5])
    assert bent.flatten().tolist() == pytest.approx([0, 0.25, 1, 0, 0.5, 1])


def test_noise_has_the_drawn_deviation_and_no_mean() -> None:
    noisy = RandNoiseBatchd().apply("image", torch.full((2, 1, 100, 100), 0.5), [(0.05, 1), (0.0, 2)])
    assert float(noisy[0].std()) == pytest.approx(0.05, rel=0.05)
    assert float(noisy[0].mean()) == pytest.approx(0.5, abs=0.002)
    assert torch.equal(noisy[1], torch.full((1, 100, 100), 0.5))


def test_noise_differs_between_channels_and_seeds() -> None:
    noisy = RandNoiseBatchd().apply("image", torch.full((2, 3, 8, 8), 0.5), [(0.1, 1), (0.1, 2)])
    assert len({tuple(channel.flatten().tolist()) for channel in noisy.flatten(0, 1)}) == 6


def test_blur_keeps_a_plain_image_and_the_mean_and_lowers_the_spread() -> None:
    image = torch.rand(1, 1, 32, 48, generator=torch.Generator().manual_seed(0))
    blurred = RandBlurBatchd().apply("image", image, [2.0])
    assert float(blurred.mean()) == pytest.approx(float(image.mean()), abs=0.01)
    assert blurred.std() < 0.7 * image.std()
    plain = torch.full((1, 3, 9, 7), 0.25)
    assert torch.allclose(RandBlurBatchd().apply("image", plain, [2.5]), plain)


def test_blur_by_1_is_none_and_a_pixel_survives_any() -> None:
    image = torch.rand(1, 1, 5, 7)
    assert torch.equal(RandBlurBatchd().apply("image", image, [1.0]), image)
    assert torch.equal(RandBlurBatchd().apply("image", image[..., :1, :1], [9.0]), image[..., :1, :1])


def test_colour_scales_each_channel_by_its_own_factor() -> None:
    image = torch.full((1, 3, 2, 2), 0.5)
    scaled = RandColourBatchd().apply("image", image, [[0.5, 1.0, 3.0, 9.9]])
    assert scaled[0].amax(dim=(1, 2)).tolist() == [0.25, 0.5, 1.0]  # 1.5 is cut at white


def test_grey_images_have_no_colour_to_change() -> None:
    image = grey(0.2, 0.4)
    assert RandColourBatchd().apply("image", image, [[0.5, 1.0, 1.5, 1.0]]) is image


@pytest.mark.parametrize(("transform", "low", "high"), [
    (RandGammaBatchd(gamma=(0.5, 2.0)), 0.5, 2.0),
    (RandBlurBatchd(factor=(1.5, 3.0)), 1.5, 3.0),
])  # fmt: skip
def test_draws_stay_within_what_is_declared(
    transform: RandGammaBatchd | RandBlurBatchd, low: float, high: float
) -> None:
    rng = np.random.default_rng(0)
    drawn = [transform.draw(rng) for _ in range(500)]
    assert low <= min(drawn) < low + 0.1
    assert high - 0.1 < max(drawn) <= high
