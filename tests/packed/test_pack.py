"""What pack writes: one zip for one run, without a trace of the author's machine, and a line where it cannot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from small_runs import SMALL_UNET, small_run

from monai_seg.bundle import check_bundle
from monai_seg.bundle.packing import pack
from monai_seg.bundle.verification.reading import check_texts, read
from monai_seg.errors import InputError

pytestmark = pytest.mark.usefixtures("in_root")


def test_the_same_run_packs_to_the_same_bytes(handed: dict, tmp_path: Path):
    """From another place, with other times."""
    siim = handed["siim"]
    run = shutil.copytree(siim.run, tmp_path / "elsewhere", copy_function=shutil.copyfile)
    again = pack("bundles/siim", run, tmp_path / "again.zip")
    assert again.sha256 == siim.packed.sha256
    assert again.path.read_bytes() == siim.packed.path.read_bytes()


@pytest.mark.parametrize("name", ["siim", "tissue", "covid_radiography_multitask"])
def test_nothing_is_refused_and_nothing_tells_of_the_machine(handed: dict, name: str):
    bundle = handed[name]
    assert check_bundle(bundle.packed.path).refusals == check_bundle(bundle.folder).refusals == []
    check_texts(bundle.folder)
    names = [bundle.run, bundle.run.parent, Path.home(), Path.cwd()]
    for path in bundle.folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert [str(place) for place in names if str(place).encode() in content] == []


def test_where_the_network_is_monais_only_plain_classes_are_named(handed: dict):
    for config in ("inference", "evaluate"):
        assert "monai_seg" not in json.dumps(read(handed["siim"].folder, config))
    assert handed["siim"].packed.reasons == {}


def test_weights_alone_are_packed(handed: dict):
    content = torch.load(handed["siim"].folder / "models/model.pt", weights_only=True)
    assert content.keys() == {"model"} and all(type(value) is torch.Tensor for value in content["model"].values())


def test_scores_stand_in_card_and_metadata(handed: dict, tmp_path: Path):
    run = shutil.copytree(handed["siim"].run, tmp_path / "run")
    (run / "summary.csv").write_text(
        "split,score,value,low,high,count,undefined\ntest,test_dice,0.8125,0.75,0.875,16,0\n")
    files = pack("bundles/siim", run, tmp_path / "a.zip", onnx=False)
    from monai_seg.bundle import unpack

    unpack(files.path, tmp_path / "a")
    assert read(tmp_path / "a", "metadata")["eval_metrics"] == {"test_dice": 0.8125}
    card = (tmp_path / "a/docs/README.md").read_text()
    assert "| test | dice | 0.812 | 0.750 to 0.875 | 16 |" in card
    assert "`min_area_share` 0.001" in card and "Not a medical device" in card
    assert not (tmp_path / "a/models/model.onnx").exists()


def test_programs_are_packed_on_request_alone_and_give_the_logits(handed: dict, tmp_path: Path):
    packed = pack("bundles/siim", handed["siim"].run, tmp_path / "a.zip", torchscript=True, exported_program=True)
    assert {"models/model.ts", "models/model.pt2"} <= packed.files.keys()
    assert not {"models/model.ts", "models/model.pt2"} & handed["siim"].packed.files.keys()
    assert [finding.file for finding in check_bundle(packed.path).refusals] == ["models/model.pt2", "models/model.ts"]
    assert check_bundle(packed.path, allow_torchscript=True).refusals == []


@pytest.mark.parametrize(("image_size", "reason"), [([64, 64], None), ([66, 64], "no multiple of 4")])
def test_a_window_that_the_network_does_not_take_needs_our_code(tmp_path: Path, image_size: list[int], reason: str):
    run = small_run("siim", tmp_path / "run", image_size=image_size)
    packed = pack("bundles/siim", run, tmp_path / "a.zip", onnx=False)
    assert packed.reasons.get("inference") is None if reason is None else reason in packed.reasons["inference"]


def test_bad_runs_are_told_in_a_line(handed: dict, tmp_path: Path):
    siim = handed["siim"]
    with pytest.raises(InputError, match="is there already"):
        pack("bundles/siim", siim.run, siim.packed.path)
    with pytest.raises(InputError, match=r"does not end in .zip"):
        pack("bundles/siim", siim.run, tmp_path / "a")
    with pytest.raises(InputError, match="no trained run here"):
        pack("bundles/siim", tmp_path, tmp_path / "a.zip")
    with pytest.raises(InputError, match="is a run of the bundle siim, not of tissue; pack bundles/siim"):
        pack("bundles/tissue", siim.run, tmp_path / "a.zip")
    run = shutil.copytree(siim.run, tmp_path / "run")
    other = {**SMALL_UNET, "channels": [8, 8, 16]}
    config = json.loads((run / "config.json").read_text())
    (run / "config.json").write_text(json.dumps({**config, "network_def": other}))
    with pytest.raises(InputError, match=r"holds no weights of this run's network \(RuntimeError\)"):
        pack("bundles/siim", run, tmp_path / "a.zip")
    (run / "operating_point.json").write_text('{"decide_threshold": "high"}')
    (run / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match=r"gives no number for '(decide_)?threshold'"):
        pack("bundles/siim", run, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()
