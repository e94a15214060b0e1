from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.plan.pairing import pair_folders

Write = Callable[..., tuple[Path, Path]]


@pytest.mark.parametrize(("image", "mask", "how"), [
    ("c{}.png", "c{}.png", "equal names"),
    ("c{}.jpg", "c{}_mask.png", "equal names"),
    ("c{}_0000.png", "c{}.png", "images <name>_0000, masks <name>"),  # as nnU-Net names them
    ("img-{}.png", "gt-{}-v2.png", "images img-<name>, masks gt-<name>-v2"),
])  # fmt: skip
def test_each_image_gets_the_mask_of_its_number(write: Write, image: str, mask: str, how: str):
    paired = pair_folders(*write(12, image, mask, ("a", "b")))
    assert paired.how == how
    assert {(Path(case["image"]).name, Path(case["label"]).name) for case in paired.cases} == \
        {(image.format(number), mask.format(number)) for number in range(12)}


def test_standard_folders_need_no_list_and_others_do(write: Write, tmp_path: Path):
    assert pair_folders(*write(3)).is_standard
    assert not pair_folders(*write(3, folders=("scans", "truth"))).is_standard


def test_folders_of_masks_are_taken_as_such(write: Write):
    images, masks = write(3)
    for path in list(masks.iterdir()):
        (masks / path.stem).mkdir()
        path.rename(masks / path.stem / "1.png")
    paired = pair_folders(images, masks)
    assert paired.how == "a folder of masks for each image" and paired.is_standard
    assert all(Path(case["label"]).is_dir() for case in paired.cases)


def test_one_folder_may_hold_both(write: Write):
    images, masks = write(3, "c{}.png", "c{}_mask.png", ("all", "all"))
    assert images == masks and len(pair_folders(images, masks).cases) == 3


def test_names_that_do_not_fit_are_told_and_not_guessed(write: Write):
    images, masks = write(4, "a{}.png", "b{}.png")  # letters and numbers are one word here: nothing is torn apart
    with pytest.raises(InputError, match="image without mask"):
        pair_folders(images, masks)


def test_a_list_of_other_images_is_refused(write: Write):
    images, masks = write(3)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(images.parent / "x.png")
    (images.parent / "datalist.json").write_text(json.dumps({"training": [{"image": "x.png", "label": "x.png"}]}))
    with pytest.raises(InputError, match="names other images than those in"):
        pair_folders(images, masks)


@pytest.mark.parametrize("place", ["masks/c{}_{}.png", "masks/{1}/c{0}.png", "masks/c{}/{}.png"])
def test_several_masks_of_an_image_are_classes_the_largest_first(write: Write, place: str):
    """An organ and, within it, a lesion, which must lie on top: though its name comes first."""
    images, masks = write(6)
    for number in range(6):
        (masks / f"c{number}.png").unlink()
        for name, radius in (("lesion", 4), ("organ", 12)):
            path = masks.parent / place.format(number, name)
            path.parent.mkdir(exist_ok=True)
            rows, columns = np.ogrid[:48, :64]
            Image.fromarray(np.where(np.hypot(rows - 20, columns - 20) < radius, 255, 0).astype(np.uint8)).save(path)
    paired = pair_folders(images, masks)
    assert paired.class_names == ("organ", "lesion") and "organ" in paired.how
    for case in paired.cases:
        number = Path(case["image"]).stem[1:]
        assert case["label"] == tuple(str(masks.parent / place.format(number, name)) for name in ("organ", "lesion"))


def test_several_masks_of_differing_names_are_no_classes(write: Write):
    images, masks = write(4)
    for number in range(4):
        path = masks / f"c{number}.png"
        for part in range(1 + number):
            (masks / f"c{number}_{part}.png").write_bytes(path.read_bytes())
        path.unlink()
    paired = pair_folders(images, masks)
    assert paired.class_names == () and [len(case["label"]) for case in paired.cases] == [1, 2, 3, 4]


def test_the_longest_name_of_an_image_has_the_mask(write: Write):
    images, masks = write(2, "c_{}.png", "c_{}.png")
    (images / "c_1_2.png").write_bytes((images / "c_1.png").read_bytes())
    for image in ("c_0", "c_1", "c_1_2"):
        for name in ("a", "b"):
            (masks / f"{image}_{name}.png").write_bytes((masks / "c_0.png").read_bytes())
    for number in range(2):
        (masks / f"c_{number}.png").unlink()
    labels = {Path(case["image"]).stem: case["label"] for case in pair_folders(images, masks).cases}
    assert [Path(path).name for path in labels["c_1_2"]] == ["c_1_2_a.png", "c_1_2_b.png"]
    assert [Path(path).name for path in labels["c_1"]] == ["c_1_a.png", "c_1_b.png"]


def test_an_image_without_any_of_several_masks_is_told(write: Write):
    images, masks = write(3)
    for number in range(3):
        path = masks / f"c{number}.png"
        for name in ("a", "b") if number else ():
            (masks / f"c{number}_{name}.png").write_bytes(path.read_bytes())
        path.unlink()
    with pytest.raises(InputError, match=r"c0\.png: image without mask"):
        pair_folders(images, masks)
