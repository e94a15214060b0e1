from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import DataLoader, Dataset
from monai.transforms import Compose, LoadImaged
from PIL import Image

from monai_seg.data.image_reader import PictureReader
from monai_seg.data.mask_reader import MaskReader
from monai_seg.errors import InputError, find_input_error

MASK = np.zeros((20, 30), np.uint8)
MASK[3:9, 4:20] = 255


def load(reader: MaskReader) -> LoadImaged:
    return LoadImaged("label", reader=reader, ensure_channel_first=True, dtype=None)


def test_a_label_is_one_channel_of_class_ids(tmp_path: Path) -> None:
    Image.fromarray(MASK).save(tmp_path / "m.png")
    label = load(MaskReader({"kind": "binary"}))({"label": tmp_path / "m.png"})["label"]
    assert label.dtype == torch.uint8
    assert np.array_equal(label.numpy(), MASK[None] // 255)
    assert label.meta["filename_or_obj"] == str(tmp_path / "m.png")
    assert tuple(label.meta["spatial_shape"]) == (20, 30)


def test_lists_folders_and_rows_pass_through_monai(tmp_path: Path) -> None:
    folder = tmp_path / "instances"
    folder.mkdir()
    for name, row in (("a", 1), ("b", 2)):
        Image.fromarray(np.eye(3, dtype=np.uint8)[[row, 0, 0]] * 255).save(folder / f"{name}.png")
    instances = load(MaskReader({"kind": "files", "per": "instance"}))
    expected = [[[0, 1, 1], [1, 0, 0], [1, 0, 0]]]
    assert instances({"label": folder})["label"].tolist() == expected
    assert instances({"label": [folder / "a.png", folder / "b.png"]})["label"].tolist() == expected
    (tmp_path / "t.csv").write_text("ImageId,EncodedPixels\na,1 2\n")
    rows = load(MaskReader({"kind": "rle", "height": 3, "width": 1}))
    assert rows({"label": f"{tmp_path}/t.csv::a"})["label"].tolist() == [[[0], [1], [1]]]


def test_monai_does_not_read_what_was_refused(tmp_path: Path) -> None:
    Image.fromarray(MASK // 2).save(tmp_path / "m.png")
    with pytest.raises(RuntimeError) as caught:  # from Compose, around the InputError
        Compose([load(MaskReader({"kind": "binary"}))])({"label": tmp_path / "m.png"})
    assert "96 pixels are neither 0 nor 255 but 127" in str(find_input_error(caught.value))


def test_a_batch_of_image_and_label_collates(tmp_path: Path) -> None:
    cases = []
    for number in range(2):
        image, label = tmp_path / f"i{number}.png", tmp_path / f"m{number}.png"
        Image.new("RGB" if number else "L", (30, 20)).save(image)
        Image.fromarray(MASK).save(label)
        cases.append({"image": image, "label": label})
    both = Compose([
        LoadImaged("image", reader=PictureReader("RGB"), ensure_channel_first=True, dtype=None),
        load(MaskReader({"kind": "binary"})),
    ])
    batch = next(iter(DataLoader(Dataset(cases, both), batch_size=2)))
    assert batch["image"].shape == (2, 3, 20, 30)
    assert batch["label"].shape == (2, 1, 20, 30)


def test_the_number_of_classes_is_known_before_reading() -> None:
    assert MaskReader({"kind": "palette", "classes": 4}).classes == 4
    with pytest.raises(InputError, match="choose one of"):
        MaskReader({"kind": "png"})


def test_the_limit_of_pixels_holds(tmp_path: Path) -> None:
    Image.fromarray(MASK).save(tmp_path / "m.png")
    with pytest.raises(InputError, match="600 pixels, the limit is 599"):
        load(MaskReader({"kind": "binary"}, max_pixels=599))({"label": tmp_path / "m.png"})
