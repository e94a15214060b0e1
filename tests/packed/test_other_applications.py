"""What MONAI Label, MONAI Deploy and the model zoo ask of a bundle, in their own steps, without any of them installed.

Source:
    monailabel/tasks/infer/bundle.py of MONAI Label, monai_bundle_inference_operator.py of the MONAI Deploy App SDK, and
    CONTRIBUTING.md of Project-MONAI/model-zoo.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from monai.transforms import SaveImaged
from PIL import Image
from small_runs import masks_of

from monai_seg.bundle import unpack
from monai_seg.bundle.packing import pack


def test_monai_label_predicts_class_ids_upright(handed: dict, source_masks: dict):
    """Its steps: build the network, load key ``model``, pre-processing, inferer, post-processing without SaveImaged."""
    folder, picture = handed["siim"].folder, sorted(handed["siim"].pictures.iterdir())[0]
    metadata = json.loads((folder / "configs/metadata.json").read_text())["network_data_format"]
    (image, _), (pred, told) = (next(iter(metadata[side].items())) for side in ("inputs", "outputs"))
    assert (image, pred) == ("image", "pred") and told["channel_def"] == {"0": "pneumothorax"}
    parser = ConfigParser()
    parser.read_config(folder / "configs/inference.json")
    parser.config.update({"bundle_root": str(folder), "device": "cpu"})
    network = parser.get_parsed_content("network_def", instantiate=True)
    checkpoint = torch.load(folder / "models/model.pt", weights_only=True)
    network.load_state_dict(checkpoint.get("model", checkpoint))
    data = {"image": str(picture)}
    for step in parser.get_parsed_content("preprocessing", instantiate=True).transforms:
        data = step(data)
    with torch.no_grad():
        data[pred] = parser.get_parsed_content("inferer", instantiate=True)(data[image][None], network.eval())[0]
    for step in parser.get_parsed_content("postprocessing", instantiate=True).transforms:
        data = data if isinstance(step, SaveImaged) else step(data)
    wanted = masks_of(source_masks["siim"])[picture.name][..., 0] > 0
    assert wanted.shape[0] != wanted.shape[1]
    assert np.array_equal(np.asarray(data[pred])[0] > 0, wanted)


def test_monai_deploy_finds_its_configs_in_the_model(handed: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It reads model/extra/*.json out of model.ts, builds transforms from them, and loads the network by torch.jit."""
    monkeypatch.chdir(Path(__file__).parents[2])
    unpack(pack("bundles/siim", handed["siim"].run, tmp_path / "a.zip", onnx=False, torchscript=True).path,
           tmp_path / "a", allow_torchscript=True)
    path = tmp_path / "a/models/model.ts"
    with zipfile.ZipFile(path) as archive:
        metadata, config = (json.loads(archive.read(f"model/extra/{name}.json")) for name in ("metadata", "inference"))
    assert metadata == json.loads((tmp_path / "a/configs/metadata.json").read_text())
    parser = ConfigParser({**config, "device": "cpu"})
    for id in ("preprocessing", "postprocessing", "inferer"):
        assert callable(parser.get_parsed_content(id))
    network = parser.get_parsed_content("network_def").eval()
    network.load_state_dict(torch.load(tmp_path / "a/models/model.pt", weights_only=True)["model"])
    image = torch.rand(2, 1, 96, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(torch.jit.load(path)(image), network(image), atol=1e-5)


@pytest.mark.parametrize("name", ["siim", "tissue", "covid_radiography_multitask"])
def test_rules_of_the_model_zoo(handed: dict, name: str):
    """Its CI: names, layout, required fields, the version in the changelog, a licence, and no large file unlisted."""
    folder = handed[name].folder
    assert re.fullmatch(r"[a-z0-9_]+", folder.name)
    assert {"configs", "docs", "models", "LICENSE"} <= {path.name for path in folder.iterdir()}
    for path in ("configs/metadata.json", "configs/inference.json", "docs/README.md", "docs/data_license.txt"):
        assert (folder / path).is_file()
    metadata = json.loads((folder / "configs/metadata.json").read_text())
    assert {"version", "changelog", "monai_version", "pytorch_version", "numpy_version", "required_packages_version",
            "task", "description", "authors", "copyright", "network_data_format"} <= metadata.keys()
    assert metadata["version"] == next(iter(metadata["changelog"]))
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", metadata[key]) for key in ("version", "monai_version"))
    train = json.loads((folder / "configs/train.json").read_text())
    assert train["bundle_root"] == "." and {"device", "dataset_dir", "train", "validate"} <= train.keys()


def test_pictures_of_the_card_can_be_opened(handed: dict):
    for path in handed["siim"].folder.glob("samples/*.png"):
        with Image.open(path) as image:
            image.load()
