from __future__ import annotations

import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, Resize, Resized

from monai_seg.transforms import quick_resize
from monai_seg.transforms.quick_resize import QuickResize, quicken_resizes


@pytest.fixture(autouse=True)
def small_pictures_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_resize, "LEAST_PIXELS", 0)


@pytest.fixture
def shrunk(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Sizes that pictures were shrunk to by the quick way."""
    sizes: list[tuple[int, int]] = []
    shrink = quick_resize.shrink
    monkeypatch.setattr(quick_resize, "shrink", lambda image, size: sizes.append(size) or shrink(image, size))
    return sizes


def picture(*shape: int, dtype: torch.dtype = torch.uint8) -> MetaTensor:
    pixels = torch.randint(0, 256, shape, generator=torch.Generator().manual_seed(0)).to(dtype)
    return MetaTensor(pixels, affine=torch.diag(torch.tensor([2.0, 3.0, 1.0, 1.0])), meta={"filename_or_obj": "a.png"})


def both(**options: object) -> tuple[Resized, Resized]:
    plain = Resized("image", **options)
    return quicken_resizes(Resized("image", **options)), plain


@pytest.mark.parametrize("shape", [(1, 512, 512), (3, 300, 411), (3, 1100, 530)])
@pytest.mark.parametrize("side", [32, 100])
def test_pixels_and_trace_are_monai_s(shape: tuple[int, ...], side: int, shrunk: list[tuple[int, int]]):
    quick, plain = both(spatial_size=side, size_mode="longest", mode="bilinear", anti_aliasing=True)
    mine, theirs = (each({"image": picture(*shape)})["image"] for each in (quick, plain))
    torch.testing.assert_close(mine.as_tensor(), theirs.as_tensor(), rtol=0, atol=1e-3)  # of 255
    assert (mine.round() == theirs.round()).float().mean() > 0.999
    assert shrunk == [tuple(mine.shape[1:])]
    assert mine.dtype == theirs.dtype == torch.float32 and torch.equal(mine.affine, theirs.affine)
    assert mine.meta["filename_or_obj"] == "a.png"
    told = [{key: value for key, value in each.applied_operations[-1].items() if key not in ("class", "id")}
            for each in (mine, theirs)]
    assert told[0] == told[1]


def test_it_is_undone_as_monai_s():
    quick, plain = both(spatial_size=40, size_mode="longest", mode="bilinear", anti_aliasing=True)
    back = [each.inverse(each({"image": picture(1, 200, 120)}))["image"] for each in (quick, plain)]
    assert back[0].shape == (1, 200, 120) and not back[0].applied_operations
    torch.testing.assert_close(back[0].as_tensor(), back[1].as_tensor(), rtol=0, atol=1e-3)


@pytest.mark.parametrize("options", [
    {"spatial_size": (60, 60), "mode": "bilinear", "anti_aliasing": True},  # shrinks by less than two
    {"spatial_size": (20, 200), "mode": "bilinear", "anti_aliasing": True},
    {"spatial_size": (20, 20), "mode": "nearest-exact"},
    {"spatial_size": (20, 20), "mode": "bilinear"},
    {"spatial_size": (20, 20), "mode": "bilinear", "anti_aliasing": True, "anti_aliasing_sigma": 1.0},
])  # fmt: skip
def test_everything_else_goes_monai_s_way(options: dict[str, object], shrunk: list[tuple[int, int]]):
    quick, plain = both(**options)
    assert isinstance(quick.resizer, QuickResize)
    mine, theirs = (each({"image": picture(1, 100, 100, dtype=torch.float32)})["image"] for each in (quick, plain))
    assert torch.equal(mine.as_tensor(), theirs.as_tensor()) and not shrunk


def test_pictures_of_few_pixels_stay_as_monai_makes_them(
    shrunk: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(quick_resize, "LEAST_PIXELS", 512 * 512)
    quick, plain = both(spatial_size=32, size_mode="longest", mode="bilinear", anti_aliasing=True)
    for side, sizes in ((511, []), (512, [(32, 32)])):
        mine, theirs = (each({"image": picture(1, side, side)})["image"] for each in (quick, plain))
        assert shrunk == sizes
        assert sizes or torch.equal(mine.as_tensor(), theirs.as_tensor())


def test_resizes_within_a_composition_are_found():
    inner = Compose([Resized("image", (8, 8))])
    composed = quicken_resizes(Compose([inner]))
    assert composed is not None and isinstance(inner.transforms[0].resizer, QuickResize)
    assert type(Resize((8, 8))) is Resize


def test_a_large_picture_takes_several_blocks_of_impulses():
    quick, plain = both(spatial_size=16, size_mode="longest", mode="bilinear", anti_aliasing=True)
    mine, theirs = (each({"image": picture(1, 500, 2500)})["image"] for each in (quick, plain))
    torch.testing.assert_close(mine.as_tensor(), theirs.as_tensor(), rtol=0, atol=1e-3)
