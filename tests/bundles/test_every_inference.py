"""The inference command of every bundle: masks that the declared encoding reads back."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from commands import BUNDLES, ROOT, Command
from PIL import Image

from monai_seg.data import DataList, MaskReader


@pytest.mark.parametrize("bundle", BUNDLES)
def test_masks_of_the_test_split_read_back_at_their_own_size(
    bundle: str, run: Command, twins: dict[str, Path], runs: dict[str, Path], tmp_path: Path
):
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for case in DataList(twins[bundle]).cases("test"):
        path = Path(case["image"])
        (pictures / path.name).write_bytes(path.read_bytes())
    done = run(f"{bundle}/inference", dataset_dir=pictures, run_dir=runs[bundle], output_dir=tmp_path / "out",
               overlays="true")
    assert done.code == 0, done
    encoding = json.loads((ROOT / f"bundles/{bundle}/inference.json").read_text())["mask_encoding"]
    classes = json.loads((ROOT / f"bundles/{bundle}/train.json").read_text())["class_names"]
    for path in pictures.iterdir():
        with Image.open(path) as picture:
            width, height = picture.size
        mask, _ = MaskReader(encoding).get_data([str(tmp_path / "out" / f"{path.stem}.png")])
        assert mask.shape == (height, width)
        assert set(np.unique(mask)) <= set(range(len(classes)))
        assert (tmp_path / "out" / "overlays" / f"{path.stem}.png").exists()
