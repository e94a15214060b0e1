from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import affine_grid

from monai_seg.transforms.batch_spatial import RandAffineBatchd, RandFlipBatchd, grid_of

STILL = {"angle": 0.0, "zoom": 1.0, "lean": 0.0, "down": 0.0, "right": 0.0}


def moved(tensor: Tensor, key: str = "label", padding_mode: str = "zeros", **drawn: float) -> Tensor:
    transform = RandAffineBatchd(1.0, padding_mode=padding_mode)
    return transform.apply(key, tensor, transform.together([{**STILL, **drawn}] * len(tensor), tensor))


def disc(height: int, width: int, radius: float, row: float | None = None, column: float | None = None) -> Tensor:
    """(1, 1, H, W) uint8 disc, about the middle where no centre is given."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    row, column = (height - 1) / 2 if row is None else row, (width - 1) / 2 if column is None else column
    return ((rows - row) ** 2 + (columns - column) ** 2 <= radius**2).to(torch.uint8)[None, None]


def numbered(height: int, width: int) -> Tensor:
    return torch.arange(height * width, dtype=torch.uint8).reshape(1, 1, height, width)


def centre(mask: Tensor) -> tuple[float, float]:
    rows, columns = torch.nonzero(mask[0, 0], as_tuple=True)
    return float(rows.float().mean()), float(columns.float().mean())


def test_flips_by_hand(rngs: Callable[..., Any]) -> None:
    picture = torch.tensor([[[[1, 2], [3, 4]]]], dtype=torch.float32)
    batch = {"image": picture, "label": picture.to(torch.uint8), "seed": torch.tensor([0])}
    rows = RandFlipBatchd(1.0, spatial_axis=0)(batch, rngs(batch))
    columns = RandFlipBatchd(1.0, spatial_axis=1)(batch, rngs(batch))
    assert rows["image"].tolist() == rows["label"].tolist() == [[[[3, 4], [1, 2]]]]
    assert columns["image"].tolist() == columns["label"].tolist() == [[[[2, 1], [4, 3]]]]


@pytest.mark.parametrize(("key", "size"), [("label", (6, 6)), ("image", (6, 6)), ("label", (5, 5)), ("label", (6, 9))])
def test_no_movement_is_none(key: str, size: tuple[int, int]) -> None:
    assert torch.allclose(moved(numbered(*size).float(), key), numbered(*size).float(), atol=1e-3)


@pytest.mark.parametrize("key", ["label", "image"])
def test_a_quarter_turn_of_a_square_by_hand(key: str) -> None:
    turned = moved(numbered(8, 8).float(), key, angle=math.pi / 2)
    assert torch.allclose(turned, torch.rot90(numbered(8, 8), 1, dims=(2, 3)).float(), atol=1e-3)


def test_a_half_turn_of_any_size_is_both_flips() -> None:
    assert torch.equal(moved(numbered(6, 10), angle=math.pi), numbered(6, 10).flip(2, 3))


def test_a_quarter_turn_keeps_pixels_square_where_the_image_is_not() -> None:
    """8 rows, 12 columns: the middle 8 x 8 turns as a square would, what is left and right leaves the image."""
    turned = moved(numbered(8, 12), angle=math.pi / 2)
    assert torch.equal(turned[..., 2:10], torch.rot90(numbered(8, 12)[..., 2:10], 1, dims=(2, 3)))
    assert not turned[..., :2].any()
    assert not turned[..., 10:].any()


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (80, 48)])
@pytest.mark.parametrize("degrees", [17, 45, 90])
def test_a_circle_stays_a_circle(size: tuple[int, int], degrees: float) -> None:
    circle = disc(*size, radius=16)
    turned = moved(circle, angle=math.radians(degrees))
    differing = int((turned != circle).sum())
    assert differing <= 0.06 * int(circle.sum())  # pixels of the rim alone: 2 * pi * 16 = 100 of 804, half of them


@pytest.mark.parametrize("size", [(64, 64), (48, 80), (80, 48)])
def test_zoom_2_doubles_the_radius(size: tuple[int, int]) -> None:
    assert float(moved(disc(*size, 8), zoom=2.0).sum() / disc(*size, 16).sum()) == pytest.approx(1, abs=0.03)


def test_shifts_are_shares_of_height_and_width() -> None:
    """The grid runs from -1 to 1, so 0.5 of it is a quarter of the side: 10 of 40 rows, 20 of 80 columns."""
    before = disc(40, 80, 5, row=20, column=40)
    assert centre(moved(before, down=0.5)) == pytest.approx((10, 40))
    assert centre(moved(before, right=0.5)) == pytest.approx((20, 20))


def test_lean_shifts_rows_against_each_other() -> None:
    """Row r takes what lies lean * (r - middle) to the right: of 9 rows the first moves 4 right, the last 4 left."""
    line = torch.zeros(1, 1, 9, 15, dtype=torch.uint8)
    line[..., 7] = 1
    columns = moved(line, lean=1.0)[0, 0].argmax(dim=1).tolist()
    assert columns == [11, 10, 9, 8, 7, 6, 5, 4, 3]


@pytest.mark.parametrize("padding_mode", ["zeros", "border", "reflection"])
@pytest.mark.parametrize("size", [(64, 64), (48, 80)])
def test_image_and_label_move_together(
    padding_mode: str, size: tuple[int, int], rngs: Callable[..., Any]
) -> None:
    label = torch.cat([disc(*size, 12, row=20 + i, column=30) for i in range(8)])
    batch = {"image": label.float(), "label": label, "seed": torch.arange(8)}
    transform = RandAffineBatchd(1.0, 40, (0.7, 1.4), shear=0.2, translate=0.2, padding_mode=padding_mode)
    after = transform(batch, rngs(batch))
    assert not torch.equal(after["label"], label)
    rim = (after["image"] > 0) & (after["image"] < 1)  # bilinear: between the classes
    assert torch.equal(after["image"][~rim], after["label"][~rim].float())
    assert rim.float().mean() < 0.1


def test_draws_stay_within_what_is_declared(rngs: Callable[..., Any]) -> None:
    transform = RandAffineBatchd(1.0, rotate_deg=30, scale=(0.5, 2.0), shear=0.1, translate=0.25)
    (rng,) = rngs({"seed": torch.tensor([3])})
    drawn = [transform.draw(rng) for _ in range(2000)]
    for name, low, high in [("angle", -math.pi / 6, math.pi / 6), ("zoom", 0.5, 2.0), ("lean", -0.1, 0.1),
                            ("down", -0.5, 0.5), ("right", -0.5, 0.5)]:  # fmt: skip
        values = [one[name] for one in drawn]
        assert low <= min(values) < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < max(values) <= high
    assert sum(one["zoom"] < 1 for one in drawn) / 2000 == pytest.approx(0.5, abs=0.05)  # as often smaller as larger


def test_choices() -> None:
    with pytest.raises(ValueError, match="padding_mode must be one of zeros, border, reflection, got 'edge'"):
        RandAffineBatchd(padding_mode="edge")
    with pytest.raises(ValueError, match=r"spatial_axis must be 0 \(rows\) or 1 \(columns\), got 2"):
        RandFlipBatchd(spatial_axis=2)


@pytest.mark.parametrize("size", [(5, 9), (64, 64), (33, 2), (1, 7)])
def test_places_are_those_of_torch(size: tuple[int, int]) -> None:
    theta = torch.randn(3, 2, 3, generator=torch.Generator().manual_seed(4))
    places = grid_of(theta, *size)
    assert places.is_contiguous()
    torch.testing.assert_close(places, affine_grid(theta, [3, 1, *size], align_corners=False), rtol=1e-6, atol=1e-6)
