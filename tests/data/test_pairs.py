from __future__ import annotations

from pathlib import Path

import pytest

from monai_seg.data.pairs import find_pairs, picture_files
from monai_seg.errors import InputError


def lay(folder: Path, *names: str) -> Path:
    """Make empty files; pairing reads none of them."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def pairs(folder: Path) -> list[tuple[str, str]]:
    root = folder.absolute()
    return [(Path(case["image"]).relative_to(root).as_posix(), Path(case["label"]).relative_to(root).as_posix())
            for case in find_pairs(folder)]


@pytest.mark.parametrize("ending", ["", "_mask", "_segmentation", "_label", "-mask"])
def test_two_folders(tmp_path: Path, ending: str) -> None:
    lay(tmp_path, "images/b.jpg", "images/a.png", f"masks/a{ending}.png", f"masks/b{ending}.png")
    assert pairs(tmp_path) == [("images/a.png", f"masks/a{ending}.png"), ("images/b.jpg", f"masks/b{ending}.png")]


def test_one_folder(tmp_path: Path) -> None:
    lay(tmp_path, "a.png", "a_mask.png", "sub/b.png", "sub/b_mask.png", "notes.txt", ".hidden.png", ".cache/c.png")
    assert pairs(tmp_path) == [("a.png", "a_mask.png"), ("sub/b.png", "sub/b_mask.png")]


def test_equal_names_in_subfolders_are_kept_apart(tmp_path: Path) -> None:
    lay(tmp_path, "images/1/a.png", "images/2/a.png", "masks/1/a.png", "masks/2/a.png")
    assert pairs(tmp_path) == [("images/1/a.png", "masks/1/a.png"), ("images/2/a.png", "masks/2/a.png")]


@pytest.mark.parametrize(("names", "message"), [
    ([], r"found 0 images and 0 masks, so no pairs; use images/, png_images/ beside masks/, png_masks/, or x\.png"),
    (["images/a.png"], "found 1 images and 0 masks, so no pairs"),
    (["images/a.png", "masks/notes.txt"], "found 1 images and 0 masks, so no pairs"),
    (["images/a.png", "images/b.png", "images/c.png", "masks/a.png"],
     r"b\.png: image without mask \(looked for b\.png, b_mask\.png … in masks/\) "
     r"\(1 other case cannot be used either, for the same cause\); add the mask"),
    (["images/a.png", "masks/a.png", "masks/b.png", "masks/c.png"],
     r"b\.png: mask without image \(1 other case cannot be used either, for the same cause\); add the image"),
    (["images/a.png", "masks/a.png", "masks/a_mask.png"],
     r"a\.png: two masks for one image: a\.png and a_mask\.png; keep one"),
    (["images/a.png", "images/a.jpg", "masks/a.png"], r"a\.png: two images for one mask: a\.jpg and a\.png; keep one"),
    (["images/a.png", "masks/a.png", "masks/a.gif"], "two masks for one image"),
    (["images/1/a.png", "masks/2/a.png"], "image without mask"),
])  # fmt: skip
def test_refusals(tmp_path: Path, names: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        find_pairs(lay(tmp_path, *names))
    assert "\n" not in str(caught.value)


def test_a_mask_is_a_folder_where_more_images_have_one_than_a_file(tmp_path: Path) -> None:
    lay(tmp_path, "images/a.png", "images/b.png", "images/p/c.png", "masks/a/1.png", "masks/a/2.png", "masks/b/1.png",
        "masks/p/c/1.png")
    assert dict(pairs(tmp_path)) == {
        "images/a.png": "masks/a", "images/b.png": "masks/b", "images/p/c.png": "masks/p/c"}


def test_a_single_file_may_stand_among_folders_of_masks(tmp_path: Path) -> None:
    lay(tmp_path, "images/a.png", "images/b.png", "images/c.png", "masks/a/1.png", "masks/b/1.png", "masks/c.png")
    assert pairs(tmp_path)[2] == ("images/c.png", "masks/c.png")


def test_folders_that_sort_files_are_no_masks(tmp_path: Path) -> None:
    lay(tmp_path, "images/a/x.png", "images/a.png", "masks/a/x.png", "masks/a.png")
    assert pairs(tmp_path) == [("images/a/x.png", "masks/a/x.png"), ("images/a.png", "masks/a.png")]


@pytest.mark.parametrize(("names", "message"), [
    (["images/c.png"], r"c\.png: image without mask \(looked for c\.png, c_mask\.png … in masks/\); add the mask"),
    (["masks/c/1.png"], r"masks/c: mask without image; add the image"),
    (["masks/notes.png"], r"notes\.png: mask without image; add the image"),
])
def test_orphans_among_folders_of_masks(tmp_path: Path, names: list[str], message: str) -> None:
    lay(tmp_path, "images/a.png", "images/b.png", "masks/a/1.png", "masks/b/1.png", *names)
    with pytest.raises(InputError, match=message):
        find_pairs(tmp_path)


def test_pictures_are_files_with_a_pictures_suffix_in_any_case(tmp_path: Path) -> None:
    lay(tmp_path, "b.PNG", "a.jpeg", "c.txt", "d.png/e.tif", "._b.PNG")
    found = [path.relative_to(tmp_path).as_posix() for path in picture_files(tmp_path)]
    assert found == ["a.jpeg", "b.PNG", "d.png/e.tif"]
