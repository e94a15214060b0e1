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
