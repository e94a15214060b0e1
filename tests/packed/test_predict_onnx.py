"""model.onnx alone, without torch: the probabilities of the network and the very masks of the source run."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from onnx import TensorProto, helper
from PIL import Image
from small_runs import CLASS_GATE, ENVIRONMENT, GATED, ROOT, SMALL, masks_of, small_run

from monai_seg.bundle.packing.models import model_facts
from monai_seg.bundle.packing.network import mask_logits, probabilities
from monai_seg.bundle.packing.pack import _point
from monai_seg.bundle.packing.trained_run import TrainedRun
from monai_seg.bundle.prediction import predict
from monai_seg.bundle.prediction.onnx_predictor import OnnxPredictor
from monai_seg.bundle.verification.reading import read
from monai_seg.errors import InputError

MOST_DIFFERENT = 1e-4
NAMES = list(SMALL)


def predict_without_torch(python: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """``python -m monai_seg predict`` where neither torch nor MONAI is installed."""
    environment = {**ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    return subprocess.run([python, "-m", "monai_seg", "predict", *map(str, arguments)], env=environment,
                          capture_output=True, text=True)


@pytest.mark.parametrize("name", NAMES)
def test_masks_are_those_of_the_source_run_where_torch_is_not_installed(
    handed: dict, source_masks: dict, onnx_alone: str, tmp_path: Path, name: str
):
    missing = subprocess.run([onnx_alone, "-c", "import torch"], capture_output=True, text=True)
    assert "No module named 'torch'" in missing.stderr
    (tmp_path / "alone.onnx").write_bytes((handed[name].folder / "models/model.onnx").read_bytes())
    done = predict_without_torch(onnx_alone, tmp_path / "alone.onnx", handed[name].pictures, tmp_path / "masks")
    assert done.returncode == 0, done.stderr
    found, wanted = masks_of(tmp_path / "masks"), masks_of(source_masks[name])
    assert found.keys() == wanted.keys() and len(wanted) == 50
    assert [file for file in wanted if not np.array_equal(found[file], wanted[file])] == []


def test_classes_of_pictures_are_those_of_the_source_run(handed: dict, source_masks: dict, tmp_path: Path):
    name = "covid_radiography_multitask"
    predict(handed[name].packed.path, handed[name].pictures, tmp_path)
    found, wanted = (list(csv.reader((folder / "classes.csv").read_text().splitlines()))
                     for folder in (tmp_path, source_masks[name]))
    assert found[0] == wanted[0] and len(found) == len(wanted) == 51
    for row, other in zip(found[1:], wanted[1:], strict=True):
        assert row[:2] == other[:2]
        assert np.array(row[2:], float) == pytest.approx(np.array(other[2:], float), abs=MOST_DIFFERENT)


def test_the_class_gate_goes_along(handed: dict, source_masks: dict, tmp_path: Path):
    """Some masks are empty for the gate alone, and stand in configs, card and model; a reader of old is told."""
    bundle = handed["covid_radiography_multitask"]
    for config in ("inference", "evaluate", "train"):
        assert read(bundle.folder, config)["gate_classes"] == GATED["gate_classes"]
    assert read(bundle.folder, "inference")["class_gate"] == CLASS_GATE == read(bundle.folder, "evaluate")["class_gate"]
    assert f"`class_gate` {CLASS_GATE:g}: all this where" in (bundle.folder / "docs/README.md").read_text()
    model = (bundle.folder / "models/model.onnx").read_bytes()
    open_, shut = OnnxPredictor(model, "model.onnx"), OnnxPredictor(model, "model.onnx")
    assert shut.facts["format"] == 2 and shut.facts["gate_classes"] == GATED["gate_classes"]
    open_.facts["class_gate"] = 0.0
    wanted, blanked = masks_of(source_masks[bundle.name]), 0
    for path in sorted(bundle.pictures.iterdir()):
        with Image.open(path) as image:
            (all_, _), (mask, classes) = open_.predict(np.array(image)), shut.predict(np.array(image))
        assert classes is not None
        passes = classes[0] + classes[3] >= CLASS_GATE
        assert np.array_equal(mask, all_ if passes else np.zeros_like(all_))
        assert np.array_equal(mask > 0, wanted[path.name][..., 0] > 0)
        blanked += int(not passes and all_.any())
    assert 0 < blanked < 50


def test_without_gate_classes_no_gate_is_told_of(tmp_path: Path):
    run = small_run("covid_radiography_multitask", tmp_path / "run", gate_classes=None)
    facts = model_facts("a", TrainedRun(run), {"kind": "binary"}, _point({"gate_classes": None, "class_gate": 0.0}))
    assert facts["format"] == 1 and not {"class_gate", "gate_classes"} & facts.keys()


@pytest.mark.parametrize("name", NAMES)
def test_probabilities_are_those_of_the_network(handed: dict, name: str):
    """Pictures of odd sizes go through MONAI's pre-processing and torch, and through numpy and ONNX Runtime."""
    folder = handed[name].folder
    parser = ConfigParser({**read(folder, "inference"), "dataset_dir": str(handed[name].pictures)})
    prepare, network = parser.get_parsed_content("preprocessing"), parser.get_parsed_content("network_def").eval()
    network.load_state_dict(torch.load(folder / "models/model.pt", weights_only=True)["model"])
    predictor = OnnxPredictor((folder / "models/model.onnx").read_bytes(), "model.onnx")
    worst = 0.0
    for path in sorted(handed[name].pictures.iterdir()):
        with Image.open(path) as image:
            found, _ = predictor.probabilities(predictor.prepare(np.array(image)))
        with torch.no_grad():
            outputs = network(prepare({"image": str(path)})["image"].as_tensor()[None])
        wanted = probabilities(mask_logits(network, outputs))
        worst = max(worst, float(np.abs(found - wanted[0].numpy()).max()))
    assert worst <= MOST_DIFFERENT


@pytest.mark.parametrize("name", NAMES)
def test_openvino_gives_the_same_probabilities_and_masks(handed: dict, name: str):
    pytest.importorskip("openvino")
    model = (handed[name].folder / "models/model.onnx").read_bytes()
    wanted, quick = (OnnxPredictor(model, "model.onnx", runtime) for runtime in ("onnxruntime", "openvino"))
    assert quick.facts == wanted.facts
    worst, other_pixels, pixels = 0.0, 0, 0
    for path in sorted(handed[name].pictures.iterdir()):
        with Image.open(path) as image:
            levels, mask = wanted.prepare(np.array(image)), wanted.predict(np.array(image))[0]
            other_pixels += int((quick.predict(np.array(image))[0] != mask).sum())
        pixels += mask.size
        for found, its in zip(quick.probabilities(levels), wanted.probabilities(levels), strict=True):
            worst = max(worst, float(np.abs(found - its).max()) if its is not None else 0.0)
    assert worst <= MOST_DIFFERENT
    assert other_pixels <= pixels / 100_000


def test_a_runtime_that_is_not_there_is_told(handed: dict, monkeypatch: pytest.MonkeyPatch):
    path = handed["siim"].folder / "models/model.onnx"
    with pytest.raises(InputError, match=r"runtime: there is no 'tvm'; choose one of onnxruntime, openvino"):
        predict(path, handed["siim"].pictures, "nowhere", runtime="tvm")
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(InputError, match="needs the package openvino; pip install openvino"):
        predict(path, handed["siim"].pictures, "nowhere", runtime="openvino")


@pytest.mark.parametrize(("batch", "height", "width"), [(1, 32, 32), (2, 33, 95), (3, 101, 40)])
def test_any_batch_and_any_size_from_32_up(handed: dict, batch: int, height: int, width: int):
    """As `SegmentationNetwork` pads and crops; grey levels go in as they are in the file."""
    from monai_seg.networks import SegmentationNetwork

    folder = handed["siim"].folder
    network = ConfigParser(read(folder, "inference")).get_parsed_content("network_def")
    network.load_state_dict(torch.load(folder / "models/model.pt", weights_only=True)["model"])
    levels = torch.randint(0, 256, (batch, 1, height, width), generator=torch.Generator().manual_seed(0)).float()
    with torch.no_grad():
        wanted = SegmentationNetwork(network, 1, 1, precision="fp32").eval()(levels / 255).sigmoid()
    runtime = OnnxPredictor((folder / "models/model.onnx").read_bytes(), "model.onnx").runtime
    [found] = runtime.run(levels.numpy())
    assert found.shape == (batch, 1, height, width)
    assert np.abs(found - wanted.numpy()).max() <= MOST_DIFFERENT


def test_masks_that_are_there_stay(handed: dict, onnx_alone: str, tmp_path: Path):
    picture = sorted(handed["siim"].pictures.iterdir())[0]
    (tmp_path / picture.name).write_bytes(b"mine")
    done = predict_without_torch(onnx_alone, handed["siim"].packed.path, picture, tmp_path)
    assert done.returncode == 1 and "is there already" in done.stderr and "Traceback" not in done.stderr
    assert (tmp_path / picture.name).read_bytes() == b"mine"
    assert predict(handed["siim"].folder, picture, tmp_path, overwrite=True) == 1
    assert (tmp_path / picture.name).read_bytes() != b"mine"


def test_a_model_of_another_kind_is_told_in_one_line(handed: dict, tmp_path: Path):
    image, pred = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("image", "pred"))
    graph = helper.make_graph([helper.make_node("Relu", ["image"], ["pred"])], "other", [image], [pred])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    (tmp_path / "other.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=r"other.onnx: does not tell how it wants its pictures"):
        predict(tmp_path / "other.onnx", handed["siim"].pictures, tmp_path / "masks")
    (tmp_path / "no.onnx").write_bytes(os.urandom(100))
    with pytest.raises(InputError, match="is refused"):
        predict(tmp_path / "no.onnx", handed["siim"].pictures, tmp_path / "masks")


def test_pictures_of_16_bits_are_refused(handed: dict, tmp_path: Path):
    Image.fromarray(np.zeros((40, 40), np.uint16)).save(tmp_path / "deep.png")
    with pytest.raises(InputError, match=r"deep.png: has 16 bits"):
        predict(handed["siim"].packed.path, tmp_path / "deep.png", tmp_path / "masks")
