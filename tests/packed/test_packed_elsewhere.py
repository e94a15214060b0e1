"""Packed bundles at another team: no monai_seg installed, another folder, the very masks of the source run."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from small_runs import masks_of, run_config, run_source

from monai_seg.sample import make_twin


def assert_same(masks: Path, source: Path) -> None:
    found, wanted = masks_of(masks), masks_of(source)
    assert found.keys() == wanted.keys() and len(wanted) == 50
    assert [name for name in wanted if not np.array_equal(found[name], wanted[name])] == []
    assert sum(len(np.unique(mask)) > 1 for mask in wanted.values()) > 25, "masks that show nothing prove nothing"


def test_inference_gives_the_masks_of_the_source_run_with_monai_alone(
    handed: dict, source_masks: dict, monai_alone: str, tmp_path: Path
):
    """The code that travels for training is taken out: nothing of ours is there at all."""
    bundle = shutil.copytree(handed["siim"].folder, tmp_path / "anywhere")
    shutil.rmtree(bundle / "monai_seg")
    assert "monai_seg" not in (bundle / "configs/inference.json").read_text()
    (tmp_path / "elsewhere").mkdir()
    run_config(monai_alone, bundle, "inference", tmp_path / "elsewhere", dataset_dir=handed["siim"].pictures,
               output_dir=tmp_path / "masks")
    assert_same(tmp_path / "masks", source_masks["siim"])


@pytest.mark.parametrize(("name", "reason"), [("tissue", "palette"), ("covid_radiography_multitask", "MultiTaskUNet")])
def test_inference_with_the_code_in_the_zip_gives_the_masks_of_the_source_run(
    handed: dict, source_masks: dict, without_us: str, tmp_path: Path, name: str, reason: str
):
    """Palettes are ours to write, and so are two tasks; MONAI finds the code beside the configs, without PYTHONPATH."""
    bundle = handed[name]
    assert reason in bundle.packed.reasons["inference"]
    run_config(without_us, bundle.folder, "inference", tmp_path, dataset_dir=bundle.pictures,
               output_dir=tmp_path / "masks")
    assert_same(tmp_path / "masks", source_masks[name])
    tables = [folder / "classes.csv" for folder in (tmp_path / "masks", source_masks[name])]
    assert {table.is_file() for table in tables} == {name != "tissue"}
    assert name == "tissue" or tables[0].read_text() == tables[1].read_text()


def test_a_tree_of_pictures_in_many_modes_keeps_its_shape(handed: dict, monai_alone: str, tmp_path: Path):
    from PIL import Image

    siim = handed["siim"]
    pictures = sorted(siim.pictures.iterdir())
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    for number, (mode, suffix) in enumerate([("RGB", "PNG"), ("RGBA", "png"), ("LA", "png"), ("P", "png"), ("L", "jpg"),
                                             ("L", "tif"), ("1", "bmp")]):
        path = tmp_path / "pictures" / f"sub{number % 2}" / f"{number}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(pictures[number]) as image:
            image.convert(mode).save(path, exif=exif) if suffix == "jpg" else image.convert(mode).save(path)
    (tmp_path / "pictures" / "notes.txt").write_text("no picture")
    run_config(monai_alone, siim.folder, "inference", tmp_path, dataset_dir=tmp_path / "pictures",
               output_dir=tmp_path / "masks")
    run_source("siim", "inference", run_dir=siim.run, dataset_dir=tmp_path / "pictures", output_dir=tmp_path / "source")
    found, wanted = masks_of(tmp_path / "masks"), masks_of(tmp_path / "source")
    assert found.keys() == wanted.keys() and len(wanted) == 7
    assert all(np.array_equal(found[name], wanted[name]) for name in wanted)


def listed_twin(folder: Path) -> Path:
    """A twin of SIIM with the data list in MONAI's form."""
    from monai_seg.data import DataList

    make_twin("siim", folder, cases=20, seed=0, size=64)
    cases = DataList(folder)
    (folder / "datalist.json").write_text(json.dumps({
        split: [{key: str(Path(case[key]).relative_to(folder.absolute())) for key in ("image", "label")}
                for case in cases.cases(split)] for split in ("training", "validation", "test")}))
    return folder


def test_evaluation_gives_the_dice_of_the_source_run(handed: dict, monai_alone: str, tmp_path: Path):
    siim, twin = handed["siim"], listed_twin(tmp_path / "twin")
    options = {"dataset_dir": twin, "split": "training"}
    run_config(monai_alone, siim.folder, "evaluate", tmp_path, output_dir=tmp_path / "eval", **options)
    found = float(re.search(r"dice,([\d.]+)", (tmp_path / "eval" / "metrics.csv").read_text()).group(1))
    run_source("siim", "evaluate", run_dir=siim.run, output_dir=tmp_path / "source", **options)
    wanted = float(re.search(r"training_dice,([\d.]+)", (tmp_path / "source" / "summary.csv").read_text()).group(1))
    assert found == pytest.approx(wanted, abs=1e-6)


def test_training_goes_on_from_the_packed_weights(handed: dict, without_us: str, tmp_path: Path):
    """With a learning rate next to nothing, an epoch leaves the weights that were packed."""
    import torch

    twin = listed_twin(tmp_path / "twin")
    run_config(without_us, handed["siim"].folder, "train", tmp_path, dataset_dir=twin, max_epochs=1, num_workers=0,
               learning_rate=1e-12)
    found = torch.load(tmp_path / "runs/siim/model.pt", weights_only=True)["model"]
    packed = torch.load(handed["siim"].folder / "models/model.pt", weights_only=True)["model"]
    assert found.keys() == packed.keys()
    assert all(torch.allclose(found[name], packed[name], atol=1e-6) for name in packed)
