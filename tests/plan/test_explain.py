"""What `explain` tells of a planned bundle: reasons, changes by hand, costs, a batch, and whether it learns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from monai.bundle import ConfigParser
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.plan import explain
from monai_seg.plan.choices import Choice
from monai_seg.plan.new import Order, new_bundle
from monai_seg.plan.overfit import overfit
from monai_seg.plan.probe import Pace

pytestmark = pytest.mark.usefixtures("quick")
TINY = {"_target_": "monai.networks.nets.UNet", "spatial_dims": 2, "in_channels": "@in_channels",
        "out_channels": "@out_channels", "channels": [8, 16], "strides": [2]}
Write = Callable[..., tuple[Path, Path]]


@pytest.fixture(autouse=True)
def denormals() -> Iterator[None]:
    """Give small numbers back: a start, as of a training, has them flushed in the whole process."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture
def bundle(root: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A planned bundle with a tiny network, in the current folder."""
    monkeypatch.setattr(explain, "measure_pace", lambda *_: Pace("a machine of the test", 4, 20.0, 60.0, 75.0))
    new_bundle(Order("mine", *write()), say=lambda _: None)
    folder = Path("bundles/mine")
    config = json.loads((folder / "train.json").read_text())
    (folder / "train.json").write_text(json.dumps({**config, "network_def": TINY, "image_size": [32, 32]}))
    return folder


def told(bundle: Path, capsys: pytest.CaptureFixture[str], **options: Any) -> str:
    assert explain.run_explain(bundle, options.get("out"), options.get("data"), "cpu") == 0
    return capsys.readouterr().out


def test_values_reasons_costs_batch_and_overfit_are_told(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    text = told(bundle, capsys, out=tmp_path / "out")
    lines = text.splitlines()
    rate = next(line for line in lines if line.startswith("learning_rate | "))
    assert len(rate.split(" | ")) == 4 and "changed by hand" not in rate
    size = next(line for line in lines if line.startswith("image_size | "))
    assert "(changed by hand: the README says" in size, size
    weights = sum(weight.numel() for weight in ConfigParser({
        "in_channels": 1, "out_channels": 1, "network_def": TINY}).get_parsed_content("network_def").parameters())
    assert f"network: {weights:,} weights" in text and "GFLOP for an image of 32 x 32" in text
    assert "here (a machine of the test): 20.0 images per second of training, 60.0 of inference, 75 MB" in text
    assert "can it learn four images? " in lines[-1]
    with Image.open(tmp_path / "out" / "batch.png") as picture:
        assert min(picture.size) > 64


def test_without_data_the_costs_are_told_all_the_same(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    text = told(bundle, capsys, data=tmp_path / "gone")
    assert "no data set here, so no batch is drawn and no overfit test made" in text.splitlines()[-1]


def test_what_is_no_bundle_is_told(root: Path):
    with pytest.raises(InputError, match=r"^bundles/none/train.json: no such bundle; name the folder of one"):
        explain.run_explain(Path("bundles/none"), None, None, "cpu")


def test_a_choice_that_the_config_lacks_is_left_out_and_one_without_reason_says_so():
    found = explain.explained({"batch_size": 4}, [Choice("gone", "1", "was there", "2")])
    assert [(choice.id, choice.value, choice.reason) for choice in found] == [("batch_size", 4, "no reason is told")]


def test_learning_by_heart_is_measured_and_not_supposed(bundle: Path):
    """A network that learns ends high; one whose learning rate is 0 stays as it was, and the line says no."""
    lines = {}
    for rate in (0.01, 0.0):
        torch.manual_seed(0)
        parser = ConfigParser()
        parser.read_config(str(bundle / "train.json"))
        parser.update({"device": torch.device("cpu"), "learning_rate": rate, "precision": "fp32",
                       "cache_dir": None})
        lines[rate] = overfit(parser)
    assert lines[0.01].after >= 0.9 and lines[0.01].line.startswith("yes: Dice ")
    assert lines[0.0].after == lines[0.0].before < 0.9 and not lines[0.0].line.startswith("yes")
