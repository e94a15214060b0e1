from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.inferers import SlidingWindowInferer
from torch import Tensor, nn

from monai_seg.errors import InputError
from monai_seg.inferers import AveragedInferer, DrawBinary, DrawClasses, DrawnWindows, MaskAndClassInferer

POST = json.loads((Path(__file__).parents[2] / "transforms/post.json").read_text())
SIZE = (16, 24)
SIZES = [(16, 24), (17, 24), (16, 61), (50, 70), (64, 33)]


def network(out_channels: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.InstanceNorm2d(4), nn.Conv2d(4, out_channels, 3, padding=1))


def image(size: tuple[int, int], count: int = 1) -> Tensor:
    return torch.rand(count, 1, *size, generator=torch.Generator().manual_seed(sum(size)))


def as_post_json(logits: Tensor, suffix: str, **settings: Any) -> Tensor:
    """What the config's own transforms make of the logits of one image."""
    parser = ConfigParser({**POST, "image_size": SIZE, **settings})
    case = parser.get_parsed_content(f"decide{suffix}")({"pred": logits})
    return parser.get_parsed_content(f"draw{suffix}")(case)["pred"].to(torch.uint8)


def whole(pixels: Tensor, net: Any, batch: int = 3) -> Tensor:
    return SlidingWindowInferer(SIZE, batch, overlap=0.25, mode="gaussian")(pixels, net)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("decide", [0.3, 0.5, 0.999])
@torch.no_grad()
def test_one_channel_is_drawn_as_from_monais_whole_map(size: tuple[int, int], decide: float):
    net, pixels, share = network(1), image(size), 0.25
    expected = as_post_json(whole(pixels, net)[0], "", threshold=0.45, decide_threshold=decide, min_area_share=share)
    drawn = DrawnWindows(SIZE, DrawBinary(0.45, decide, share * SIZE[0] * SIZE[1]), sw_batch_size=3)(pixels, net)
    assert torch.equal(drawn[0], expected)
    assert drawn.dtype == torch.uint8
    assert bool(drawn.any()) == (decide < 0.999)  # both decisions are seen


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("decide", [0.0, 0.3, 0.45, 0.6, 1.0])
@pytest.mark.parametrize("share", [0.01, 0.3, 2.0])
@torch.no_grad()
def test_classes_are_drawn_as_from_monais_whole_map(size: tuple[int, int], decide: float, share: float):
    net, pixels = network(4), image(size)
    settings = {"decide_threshold": decide, "min_area_share": share}
    expected = as_post_json(whole(pixels, net)[0], "_classes", **settings)
    drawn = DrawnWindows(SIZE, DrawClasses(decide, share * SIZE[0] * SIZE[1]), sw_batch_size=3)(pixels, net)
    assert torch.equal(drawn[0], expected)


@torch.no_grad()
def test_probabilities_that_round_to_nothing_leave_class_0():
    """Where the sure class is not shown, and the others have probability 0, argmax of zeros is 0."""
    logits = torch.tensor([0.0, 0.0, 300.0]).view(3, 1, 1).expand(3, *SIZE).clone()
    logits[:, 0, 0] = torch.tensor([0.0, 300.0, 0.0])
    settings = {"decide_threshold": 0.9, "min_area_share": 0.5}
    for rows in (logits, -logits):
        drawn = DrawnWindows(SIZE, DrawClasses(0.9, 0.5 * SIZE[0] * SIZE[1]))(
            torch.zeros(1, 1, *SIZE), lambda _, rows=rows: rows[None])
        assert torch.equal(drawn[0], as_post_json(rows, "_classes", **settings))


@torch.no_grad()
def test_several_images_whose_windows_share_batches():
    net, pixels = network(1), image((40, 50), 3)
    inferer = DrawnWindows(SIZE, DrawBinary(0.5, 0.5, 1), sw_batch_size=4)
    apart = torch.stack([whole(pixels[i : i + 1], net)[0] for i in range(3)]).sigmoid() >= 0.5
    assert (inferer(pixels, net) != apart).float().mean() < 0.001  # other batches may change the last bit


@torch.no_grad()
def test_windows_are_scaled_where_the_image_stays_as_in_its_file():
    net = network(1)
    pixels = (image((40, 50)) * 255).round().to(torch.uint8)
    seen = []

    def scale(data: dict[str, Tensor]) -> dict[str, Tensor]:
        seen.append((data["image"].dtype, tuple(data["image"].shape[1:])))
        return {"image": data["image"] / 255}

    rule = DrawBinary(0.5, 0.5, 1)
    assert torch.equal(DrawnWindows(SIZE, rule, scale)(pixels, net), DrawnWindows(SIZE, rule)(pixels / 255, net))
    assert set(seen) == {(torch.uint8, (1, *SIZE))}


@torch.no_grad()
def test_mirrored_copies_members_and_class_branches_go_through_it():
    nets = [network(1, 0), network(1, 1)]
    pixels, rule = image((40, 50)), DrawBinary(0.5, 0.5, 1)
    windows = DrawnWindows(SIZE, rule, sw_batch_size=3)
    logits = AveragedInferer(SlidingWindowInferer(SIZE, 3, 0.25, "gaussian"), [[-1]], True, nets[1:])(pixels, nets[0])
    averaged = AveragedInferer(windows, [[-1]], True, nets[1:])
    assert torch.equal(averaged(pixels, nets[0]), (logits.sigmoid() >= 0.5).byte())
    both = MaskAndClassInferer(windows)
    masks, classes = both(pixels, lambda window: (nets[0](window), window.mean(dim=(2, 3)).expand(-1, 2)))
    assert torch.equal(masks, windows(pixels, nets[0]))
    assert classes.shape == (1, 2)


def test_memory_is_that_of_a_row_of_windows(monkeypatch: pytest.MonkeyPatch):
    """No band is higher than a window, however high the image."""
    heights = []
    rule = DrawBinary(0.5, 0.5, 1)
    begin = rule.begin

    def watched(height: int, width: int) -> Any:
        drawing = begin(height, width)
        add = drawing.add
        monkeypatch.setattr(drawing, "add", lambda top, logits: (heights.append(logits.shape[-2]), add(top, logits)))
        return drawing

    monkeypatch.setattr(rule, "begin", watched)
    DrawnWindows(SIZE, rule)(image((400, 30)), lambda window: window)
    assert max(heights) == SIZE[0] and sum(heights) == 400


def test_an_image_below_the_window_is_refused():
    with pytest.raises(InputError, match=r"the window is \(H, W\) \(16, 24\), the image \(16, 23\)"):
        DrawnWindows(SIZE, DrawBinary(0.5, 0.5, 1))(torch.zeros(1, 1, 16, 23), nn.Identity())


@torch.no_grad()
def test_the_way_back_is_known_as_after_monais_windows():
    """Invertd goes by what the result says of itself; without it, padding would silently stay."""
    pixels = MetaTensor(image((40, 50)), meta={"file": "a.png"})
    drawn = DrawnWindows(SIZE, DrawBinary(0.5, 0.5, 1))(pixels, network(1))
    assert isinstance(drawn, MetaTensor) and isinstance(whole(pixels, network(1)), MetaTensor)
    assert drawn.meta == whole(pixels, network(1)).meta
    assert drawn.dtype == torch.uint8
