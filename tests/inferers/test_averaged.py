from __future__ import annotations

import pytest
import torch
from monai.inferers import SimpleInferer, SlidingWindowInferer
from torch import nn

from monai_seg.errors import InputError
from monai_seg.inferers import AveragedInferer


def network(seed: int, out_channels: int = 1) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Conv2d(1, out_channels, 3, padding=1).eval()


IMAGE = torch.rand(2, 1, 16, 12, generator=torch.Generator().manual_seed(0))
ALL_FLIPS = [[-1], [-2], [-1, -2]]


@pytest.mark.parametrize("out_channels", [1, 3])
def test_probabilities_of_mirrored_copies_and_members_are_averaged(out_channels: int):
    nets = [network(0, out_channels), network(1, out_channels)]
    turn = torch.sigmoid if out_channels == 1 else lambda logits: logits.softmax(dim=1)
    with torch.no_grad():
        logits = AveragedInferer(SimpleInferer(), [[-1]], True, nets[1:])(IMAGE, nets[0])
        looks = [turn(net(IMAGE)) for net in nets] + [turn(net(IMAGE.flip(-1))).flip(-1) for net in nets]
    torch.testing.assert_close(turn(logits), torch.stack(looks).mean(dim=0), rtol=1e-5, atol=1e-6)
    assert logits.dtype == torch.float32


def test_mirrored_images_get_mirrored_masks():
    """With all flips averaged, the prediction no longer depends on how the picture was held."""
    inferer = AveragedInferer(SimpleInferer(), ALL_FLIPS, True)
    with torch.no_grad():
        for axes in ALL_FLIPS:
            torch.testing.assert_close(inferer(IMAGE.flip(axes), network(0)), inferer(IMAGE, network(0)).flip(axes))


def test_inside_windows_each_window_is_averaged():
    windows = SlidingWindowInferer([8, 8], sw_batch_size=2, overlap=0.5)
    calls = []

    def counting(window: torch.Tensor) -> torch.Tensor:
        calls.append(tuple(window.shape[-2:]))
        return network(0)(window)

    with torch.no_grad():
        plain = windows(IMAGE, network(0))
        averaged = AveragedInferer(windows, [[-1]], True)(IMAGE, counting)
    assert set(calls) == {(8, 8)}
    assert averaged.shape == plain.shape and not torch.allclose(averaged, plain)


def test_alone_it_changes_no_bit():
    with torch.no_grad():
        for flips, mirror in (((), True), (ALL_FLIPS, False)):
            assert torch.equal(AveragedInferer(SimpleInferer(), flips, mirror)(IMAGE, network(0)), network(0)(IMAGE))


def test_sure_networks_stay_sure():
    sure = nn.Conv2d(1, 1, 1)
    nn.init.constant_(sure.weight, 0)
    nn.init.constant_(sure.bias, 20.0)  # a probability of 1 - 2e-9
    with torch.no_grad():
        assert AveragedInferer(SimpleInferer(), [[-1]], True)(IMAGE, sure).allclose(torch.tensor(20.0), atol=1e-3)


@pytest.mark.parametrize("axes", [[], [1], [-3]])
def test_other_axes_are_refused(axes: list[int]):
    with pytest.raises(InputError, match="names no axes of the image; give -1"):
        AveragedInferer(SimpleInferer(), [axes])
