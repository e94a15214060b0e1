"""The inference command: pictures of any kind in, masks of their size and name out, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import Command, snapshot
from PIL import Image

SIZES = {"small": (40, 50), "wide": (64, 300), "tall": (300, 200), "odd": (65, 64), "tiny": (20, 33)}  # H, W


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    return folder


def picture(path: Path, size: tuple[int, int] = (48, 40), mode: str = "L") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    grey = np.random.default_rng(7).integers(0, 256, size, dtype=np.uint8)
    Image.fromarray(grey).convert(mode).save(path)
    return path


def pixels_of(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image)


def test_masks_have_their_picture_s_size_and_name(run: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path):
    for name, size in SIZES.items():
        picture(pictures / f"{name}.png", size)
    done = run("siim/inference", dataset_dir=pictures, run_dir=runs["siim"], output_dir=tmp_path / "out")
    assert done.code == 0, done
    masks = {path.stem: pixels_of(path) for path in (tmp_path / "out").iterdir()}
    assert {name: mask.shape for name, mask in masks.items()} == SIZES
    assert all(set(np.unique(mask)) <= {0, 255} for mask in masks.values())


def give_brightness_back(run_dir: Path) -> None:
    """Make the run's network one whose probability is the picture's brightness: the mask must be what is bright."""
    import torch

    config = json.loads((run_dir / "config.json").read_text())
    config["network_def"] = {"_target_": "torch.nn.Conv2d", "in_channels": 1, "out_channels": 1, "kernel_size": 1}
    (run_dir / "config.json").write_text(json.dumps(config))
    weights = {"weight": torch.full((1, 1, 1, 1), 20.0), "bias": torch.tensor([-10.0])}
    torch.save({"model": weights}, run_dir / "model.pt")
    (run_dir / "operating_point.json").unlink()  # it is that of the other weights


def test_a_lesion_is_drawn_where_it_is(run: Command, trained: Path, pictures: Path, tmp_path: Path):
    """Nothing is swapped or shifted on the way through the working size."""
    give_brightness_back(trained)
    truth = np.zeros((60, 200), bool)
    truth[8:24, 40:120] = True
    Image.fromarray(truth.astype(np.uint8) * 255).save(pictures / "a.png")
    done = run("siim/inference", dataset_dir=pictures, run_dir=trained, output_dir=tmp_path / "out")
    assert done.code == 0, done
    mask = pixels_of(tmp_path / "out" / "a.png") > 0
    assert (mask & truth).sum() / (mask | truth).sum() > 0.85  # the working image is a third of the size


@pytest.mark.parametrize("size", [(40, 30), (150, 401)], ids=["below the window", "many windows"])
def test_the_window_slides_over_native_pixels(
    run: Command, trained: Path, pictures: Path, tmp_path: Path, size: tuple[int, int]
):
    """Without shrinking, windows are joined without a seam: the mask is the bright part to the pixel."""
    give_brightness_back(trained)
    truth = np.zeros(size, bool)
    truth[10:-5, 7:-9] = True
    Image.fromarray(truth.astype(np.uint8) * 255).save(pictures / "a.png")
    done = run("siim/inference", dataset_dir=pictures, run_dir=trained, output_dir=tmp_path / "out",
               load_image="%transforms/picture.json::load_image", image_mode="L",
               fit_image="%transforms/picture.json::fit_image", fit="native")
    assert done.code == 0, done
    assert np.array_equal(pixels_of(tmp_path / "out" / "a.png") > 0, truth)


def test_other_kinds_of_pictures_are_taken(run: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path):
    for mode in ("RGB", "P", "LA", "1"):
        picture(pictures / f"{mode}.png", mode=mode)
    done = run("siim/inference", dataset_dir=pictures, run_dir=runs["siim"], output_dir=tmp_path / "out")
    assert done.code == 0, done
    assert [pixels_of(path).shape for path in (tmp_path / "out").iterdir()] == 4 * [(48, 40)]


def test_sixteen_bits_are_refused_by_name(run: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path):
    Image.fromarray(np.zeros((48, 40), np.uint16)).save(pictures / "deep.png")
    done = run("siim/inference", dataset_dir=pictures, run_dir=runs["siim"], output_dir=tmp_path / "out")
    assert done.error.startswith(f"error: {pictures / 'deep.png'}: has 16 bits")


def test_no_two_pictures_share_a_mask(run: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path):
    for name in ("one/a.png", "two/a.png", "b.png", "b.jpg"):
        picture(pictures / name)
    done = run("siim/inference", dataset_dir=pictures, run_dir=runs["siim"], output_dir=tmp_path / "out")
    assert done.code == 0, done
    assert sorted(snapshot(tmp_path / "out")) == ["b.jpg.png", "b.png.png", "one/a.png", "two/a.png"]


@pytest.mark.parametrize("overwrite", [None, "false"])
def test_masks_that_are_there_are_kept(
    overwrite: str | None, run: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path
):
    picture(pictures / "a.png")
    picture(pictures / "b.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.png").write_text("drawn by hand")
    options = {"dataset_dir": pictures, "run_dir": runs["siim"], "output_dir": tmp_path / "out"}
    done = run("siim/inference", **options, **({} if overwrite is None else {"overwrite": overwrite}))
    assert done.error.startswith(f"error: {tmp_path / 'out' / 'b.png'}: is there already")
    assert snapshot(tmp_path / "out") == {"b.png": b"drawn by hand"}


def test_overwriting_on_request(run: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path):
    picture(pictures / "a.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").write_text("an older mask")
    options = {"dataset_dir": pictures, "run_dir": runs["siim"], "output_dir": tmp_path / "out"}
    done = run("siim/inference", overwrite="true", **options)
    assert done.code == 0, done
    assert pixels_of(tmp_path / "out" / "a.png").shape == (48, 40)


def test_a_single_picture(run: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path):
    picture(pictures / "other.png")
    one = picture(pictures / "one.jpg")
    done = run("siim/inference", dataset_dir=one, run_dir=runs["siim"], output_dir=tmp_path / "out")
    assert done.code == 0, done
    assert sorted(snapshot(tmp_path / "out")) == ["one.png"]


@pytest.mark.parametrize(("overlays", "files"), [("true", ["a.png", "overlays/a.png"]), ("false", ["a.png"])])
def test_overlays_on_request(
    overlays: str, files: list[str], run: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path
):
    picture(pictures / "a.png")
    options = {"dataset_dir": pictures, "run_dir": runs["siim"], "output_dir": tmp_path / "out"}
    done = run("siim/inference", overlays=overlays, **options)
    assert done.code == 0, done
    assert sorted(snapshot(tmp_path / "out")) == files


def test_pictures_and_run_stay_as_they_were(run: Command, trained: Path, pictures: Path):
    picture(pictures / "a.png")
    before, run_before = snapshot(pictures), snapshot(trained)
    done = run("siim/inference", dataset_dir=pictures, run_dir=trained)
    assert done.code == 0, done
    assert snapshot(pictures) == before
    after = snapshot(trained)
    assert {name: after[name] for name in run_before} == run_before
    assert after.keys() - run_before.keys() == {"predictions/a.png"}
