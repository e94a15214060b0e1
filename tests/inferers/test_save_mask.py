from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from monai.data import MetaTensor
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.inferers import SaveMaskd

PRED = torch.tensor([[[0, 1, 1], [0, 0, 1]]], dtype=torch.float32)  # (1, H=2, W=3)


def test_the_mask_is_written_in_the_encoding_at_its_own_size(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.png"
    sample = {"pred": MetaTensor(PRED), "output": str(path), "image": 5}
    assert SaveMaskd({"kind": "binary"})(sample) == sample
    with Image.open(path) as image:
        assert image.mode == "L"
        assert image.size == (3, 2)  # Pillow's (W, H)
        assert np.asarray(image).tolist() == [[0, 255, 255], [0, 0, 255]]


def test_class_ids_stay_class_ids(tmp_path: Path) -> None:
    from monai_seg.data import MaskReader

    encoding = {"kind": "index", "classes": 4}
    path = tmp_path / "a.png"
    SaveMaskd(encoding)({"pred": 3 * PRED, "output": str(path)})
    reader = MaskReader(encoding)
    array, _ = reader.get_data(reader.read(str(path)))
    assert np.asarray(array).squeeze().tolist() == [[0, 3, 3], [0, 0, 3]]


def test_other_keys_can_be_named(tmp_path: Path) -> None:
    SaveMaskd({"kind": "binary"}, keys="mask", path_key="to")({"mask": PRED, "to": tmp_path / "b.png"})
    assert (tmp_path / "b.png").is_file()


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        SaveMaskd({"kind": "binary"})({"pred": PRED, "output": str(tmp_path / "file" / "a.png")})
