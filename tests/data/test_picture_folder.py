from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.data.picture_folder import find_pictures
from monai_seg.errors import InputError


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def masks(folder: Path, target: Path) -> dict[str, str]:
    return {Path(case["image"]).relative_to(folder).as_posix(): Path(case["output"]).relative_to(target).as_posix()
            for case in find_pictures(folder, target)}


def test_a_mask_has_its_pictures_place_and_name(tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", "a.png", "sub/b.JPG", "sub/deep/c.tif", "notes.txt", ".hidden.png")
    assert masks(folder, tmp_path / "out") == {
        "a.png": "a.png", "sub/b.JPG": "sub/b.png", "sub/deep/c.tif": "sub/deep/c.png",
    }  # fmt: skip
    (first, *_) = find_pictures(folder, tmp_path / "out")
    assert first == {"image": str(folder / "a.png"), "output": str(tmp_path / "out" / "a.png"),
                     "overlay": str(tmp_path / "out" / "overlays" / "a.png")}


def test_a_single_picture(tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", "a.jpg", "b.jpg")
    (case,) = find_pictures(folder / "a.jpg", tmp_path / "out")
    assert (case["image"], case["output"]) == (str(folder / "a.jpg"), str(tmp_path / "out" / "a.png"))


def test_what_would_share_a_mask_keeps_its_whole_name(tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", "a.png", "a.jpg", "b.png", "C.png", "c.tif")
    assert masks(folder, tmp_path / "out") == {
        "a.png": "a.png.png", "a.jpg": "a.jpg.png", "b.png": "b.png", "C.png": "C.png.png", "c.tif": "c.tif.png",
    }  # fmt: skip


def test_a_number_tells_apart_what_is_alike_even_so(tmp_path: Path) -> None:
    folder = lay(tmp_path / "in", "a.jpg", "a.jpg.png", "a.png", "A.PNG")
    assert len({name.casefold() for name in masks(folder, tmp_path / "out").values()}) == 4


@pytest.mark.parametrize("seed", range(5))
def test_no_two_pictures_ever_share_a_mask(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = ["a", "A", ".2", ".jpg", ".png", ".JPG"]
    names = {"a" + "".join(rng.choice(parts, size=rng.integers(0, 4))) + str(rng.choice([".png", ".jpg", ".PNG"]))
             for _ in range(60)}
    folder = lay(tmp_path / "in", *names)
    outputs = list(masks(folder, tmp_path / "out").values())
    assert len(outputs) == len(names)
    assert len({output.casefold() for output in outputs}) == len(outputs)


def test_masks_of_an_earlier_run_are_not_taken_for_pictures(tmp_path: Path) -> None:
    folder = lay(tmp_path, "a.png", "masks/b.png")
    assert masks(folder, tmp_path / "masks") == {"a.png": "a.png"}


def test_masks_that_stand_are_not_overwritten_unasked(tmp_path: Path) -> None:
    folder, out = lay(tmp_path / "in", "a.png", "b.png", "c.png"), lay(tmp_path / "out", "b.png")
    with pytest.raises(InputError, match=r"out/b\.png: is there already; name another --output_dir, or give"):
        find_pictures(folder, out)
    lay(out, "c.png")
    with pytest.raises(InputError, match=r"is there already, as are 1 more of the masks to be written;"):
        find_pictures(folder, out)
    assert len(find_pictures(folder, out, overwrite=True)) == 3


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_picture_is_never_replaced_by_its_mask(tmp_path: Path, overwrite: bool) -> None:
    folder = lay(tmp_path / "in", "a.png", "sub/b.png")
    with pytest.raises(InputError, match=r"in: is where the picture itself lies; name another --output_dir"):
        find_pictures(folder / "a.png", folder, overwrite)
    with pytest.raises(InputError, match=r"in: holds the pictures themselves; name another --output_dir"):
        find_pictures(folder, folder, overwrite)
    with pytest.raises(InputError, match="holds the pictures themselves"):
        find_pictures(folder / "sub", folder, overwrite)


def test_nothing_to_infer_on_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none: no such file or folder; point --dataset_dir"):
        find_pictures(tmp_path / "none", tmp_path / "out")
    with pytest.raises(InputError, match=r"in: no pictures in it \(\.png, \.jpg, "):
        find_pictures(lay(tmp_path / "in", "notes.txt"), tmp_path / "out")


def test_a_resume_leaves_out_masks_that_are_there_and_whole(tmp_path: Path) -> None:
    names = ("done.png", "cut.png", "older.png", "missing.png")
    folder, out = tmp_path / "in", tmp_path / "out"
    for name in names:
        for place in (folder, out):
            place.mkdir(exist_ok=True)
            Image.new("L", (4, 4)).save(place / name)
            os.utime(place / name, (1000, 1000))
    (out / "missing.png").unlink()
    cut = (out / "cut.png").read_bytes()[:-20]
    (out / "cut.png").write_bytes(cut)
    for path, time in ((out / "cut.png", 1000), (folder / "older.png", 2000)):
        os.utime(path, (time, time))
    left = find_pictures(folder, out, overwrite="resume")
    assert [Path(case["image"]).name for case in left] == ["cut.png", "missing.png", "older.png"]
    assert (out / "cut.png").read_bytes() == cut  # nothing is touched
