"""Run folders as training and evaluation leave them, small and quick to make."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from browser import CHROMIUM, DRIVER, Browser
from monai.bundle import ConfigParser

ROOT = Path(__file__).parents[2]


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def siim_twin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny twin of SIIM; to be read only."""
    from monai_seg.sample import make_twin

    folder = tmp_path_factory.mktemp("data") / "siim"
    make_twin("siim", folder, cases=40, seed=0, size=64)
    return folder


@pytest.fixture(scope="session")
def untrained(siim_twin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of SIIM whose weights are as drawn, with the scores of its test split made up; to be read only."""
    folder = tmp_path_factory.mktemp("runs") / "siim"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        parser = ConfigParser()
        parser.read_config("bundles/siim/train.json")
        parser.update({"dataset_dir": str(siim_twin), "image_size": [64, 64], "output_dir": str(folder)})
        parser.parse()
    config = {name: value for name, value in parser.get().items() if name != ConfigParser.meta_key}
    (folder / "config.json").write_text(json.dumps(config, default=str))
    torch.manual_seed(0)
    network = ConfigParser(config).get_parsed_content("network_def")
    torch.save({"model": network.state_dict()}, folder / "model.pt")
    write_rows(folder / "cases.csv", case_rows(siim_twin))
    write_rows(folder / "summary.csv", [
        {"split": "test", "score": "test_dice", "value": 0.5, "low": 0.25, "high": 0.75, "count": 8, "undefined": 0},
        {"split": "test", "score": "test_hd95_positive", "value": "", "low": "", "high": "", "count": 0,
         "undefined": 3}])
    epochs = [{"epoch": epoch, "iteration": 5 * epoch, "seconds": epoch, "train_loss": 1 / epoch,
               "learning_rate": 0.003, "images_per_second": 40, "val_dice": 1 - 1 / epoch} for epoch in (1, 2, 3)]
    write_rows(folder / "metrics.csv", epochs)
    return folder


def case_rows(data: Path) -> list[dict[str, object]]:
    """A row for each test case: a third is found, a third missed; healthy ones are alarms by turns."""
    from monai_seg.data import DataList
    from monai_seg.data.mask_encodings import parse_encoding

    kind = parse_encoding({"kind": "binary"})
    rows: list[dict[str, object]] = []
    for number, case in enumerate(DataList(data).cases("test")):
        area = int(kind.decode(kind.load(case["label"])).astype(bool).sum())
        found = number % 2 * (area or 30)
        dice = float(not area and not found) if not (area and found) else 0.9
        rows.append({"split": "test", "image": case["image"], "dice": dice, "label_area_px": area,
                     "pred_area_px": found})
    return rows


@pytest.fixture
def run_copy(untrained: Path, tmp_path: Path) -> Path:
    """A copy of `untrained` to be spoilt."""
    return shutil.copytree(untrained, tmp_path / "run")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium; the test is skipped where there is none."""
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("needs chromium and chromedriver (apt-get install chromium chromium-driver)")
    session = Browser(tmp_path_factory.mktemp("browser"))
    yield session
    session.close()
