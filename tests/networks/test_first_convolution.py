from __future__ import annotations

import pytest
import torch

from monai_seg.networks.first_convolution import fit_first_convolution


def filters(channels: int) -> torch.Tensor:
    return torch.rand(2, channels, 3, 3, generator=torch.Generator().manual_seed(channels))


def test_three_channels_become_one_by_their_sum():
    weight = torch.tensor([[[[1.0]], [[2.0]], [[4.0]]]])
    assert fit_first_convolution(weight, 1).tolist() == [[[[1 + 2 + 4]]]]


def test_two_get_what_is_left_over_in_turn_and_four_share():
    weight = torch.tensor([[[[1.0]], [[2.0]], [[4.0]]]])
    assert fit_first_convolution(weight, 2).flatten().tolist() == [1 + 4, 2]
    assert fit_first_convolution(weight, 4).flatten().tolist() == [1 / 2, 2, 4, 1 / 2]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("in_channels", [1, 2, 3, 4, 7])
def test_the_answer_to_equal_channels_stays(channels: int, in_channels: int):
    weight = filters(channels)
    torch.testing.assert_close(fit_first_convolution(weight, in_channels).sum(dim=1), weight.sum(dim=1))


def test_as_many_channels_keep_their_weights():
    assert torch.equal(fit_first_convolution(filters(3), 3), filters(3))
