from __future__ import annotations

import pytest
import torch
from monai.data import MetaTensor
from monai.inferers import SimpleInferer, SlidingWindowInferer
from torch import Tensor, nn

from monai_seg.errors import InputError
from monai_seg.inferers import AveragedInferer, MaskAndClassInferer


class Both(nn.Module):
    """The mask is the window; its classes' logits are 0 and the window's mean, times ten."""

    def __init__(self, gain: float = 10.0) -> None:
        super().__init__()
        self.gain = gain
        self.windows: list[tuple[int, ...]] = []

    def forward(self, window: Tensor) -> tuple[Tensor, Tensor]:
        self.windows.append(tuple(window.shape))
        mean = self.gain * window.mean(dim=(-2, -1))
        return window * self.gain, torch.cat([torch.zeros_like(mean), mean], dim=1)


SIGNS = torch.tensor([1.0, -1, 0]).view(3, 1, 1, 1)
IMAGES = torch.rand(3, 1, 24, 32, generator=torch.Generator().manual_seed(0)) * SIGNS
WINDOWS = SlidingWindowInferer([8, 8], sw_batch_size=5, overlap=0)


def test_monai_alone_refuses_classes():
    with pytest.raises(ValueError, match="must have the same number of spatial dimensions"):
        WINDOWS(IMAGES, Both())


def test_masks_are_joined_and_the_windows_probabilities_averaged():
    masks, classes = MaskAndClassInferer(WINDOWS)(IMAGES, Both())
    torch.testing.assert_close(masks, 10 * IMAGES)
    means = IMAGES.unfold(-2, 8, 8).unfold(-2, 8, 8).flatten(1, -3).mean(dim=(-2, -1))  # (3, 12), of each window
    torch.testing.assert_close(classes.softmax(dim=1)[:, 1], (10 * means).sigmoid().mean(dim=1))
    assert classes.dtype == torch.float32


def test_each_image_has_the_classes_of_its_own_windows():
    """Windows of several images come in one stream, in batches that end anywhere."""
    for size in (1, 5, 7, 100):
        windows = MaskAndClassInferer(SlidingWindowInferer([8, 8], sw_batch_size=size, overlap=0.25))
        _, together = windows(IMAGES, Both())
        alone = torch.cat([windows(image[None], Both())[1] for image in IMAGES])
        torch.testing.assert_close(together, alone)


FITTING = [SimpleInferer(), SlidingWindowInferer([24, 32], 2), SlidingWindowInferer([32, 64])]


@pytest.mark.parametrize("inferer", FITTING)
def test_an_image_that_fits_the_window_has_the_network_s_own_logits(inferer: SimpleInferer | SlidingWindowInferer):
    network = Both()
    masks, classes = MaskAndClassInferer(inferer)(IMAGES, network)
    torch.testing.assert_close(masks, 10 * IMAGES)
    assert sum(shape[0] for shape in network.windows) == 3, "each image is looked at once"
    if network.windows[0][-2:] == (24, 32):
        assert torch.equal(classes, Both()(IMAGES)[1])


def test_metadata_stay_with_the_mask():
    masks, classes = MaskAndClassInferer(WINDOWS)(MetaTensor(IMAGES, meta={"name": "a"}), Both())
    assert isinstance(masks, MetaTensor) and not isinstance(classes, MetaTensor)


def test_mirrored_copies_and_members_vote_on_both():
    nets = [Both(10.0), Both(3.0)]
    inferer = AveragedInferer(MaskAndClassInferer(WINDOWS), [[-1]], True, nets[1:])
    masks, classes = inferer(IMAGES, nets[0])
    torch.testing.assert_close(masks.sigmoid(), ((10 * IMAGES).sigmoid() + (3 * IMAGES).sigmoid()) / 2)
    each = [MaskAndClassInferer(WINDOWS)(IMAGES, Both(gain))[1].softmax(dim=1) for gain in (10.0, 3.0)]
    torch.testing.assert_close(classes.softmax(dim=1), (each[0] + each[1]) / 2)
    assert len(nets[0].windows) == 2 * 8  # two looks at 36 windows, five at a time


def test_a_network_without_classes_is_told():
    with pytest.raises(InputError, match=r"^network_def: the network gives no class logits; choose one with a class"):
        MaskAndClassInferer(SimpleInferer())(IMAGES, nn.Identity())
