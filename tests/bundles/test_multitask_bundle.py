"""Masks and classes at once, through the commands of a user."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from commands import SMALL, Command
from PIL import Image

from monai_seg.data import DataList

TRAIN, EVALUATE, INFER = (f"covid_radiography/{name}_multitask" for name in ("train", "evaluate", "inference"))
NAMES = ["COVID", "Lung_Opacity", "Normal", "Viral Pneumonia"]
COLUMNS = [f"probability_{name}" for name in ("covid", "lung_opacity", "normal", "viral_pneumonia")]


@pytest.fixture(scope="module")
def data(twins: dict[str, Path]) -> Path:
    return twins["covid_radiography"]


@pytest.fixture(scope="module")
def multitask(run: Command, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two epochs; to be read only."""
    folder = tmp_path_factory.mktemp("multitask") / "run"
    done = run(TRAIN, dataset_dir=data, output_dir=folder, **SMALL)
    assert done.code == 0, done
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_both_tasks_are_validated_and_the_operating_point_is_searched(multitask: Path):
    epochs = rows(multitask / "metrics.csv")
    assert [row["epoch"] for row in epochs] == ["1", "2"]
    for row in epochs:
        for score in ("val_dice", "val_dice_positive", "val_class_accuracy"):
            assert 0 <= float(row[score]) <= 1
        assert float(row["val_loss"]) > 0
    assert json.loads((multitask / "operating_point.json").read_text())["split"] == "validation"


def test_the_loss_is_that_of_both_tasks(run: Command, data: Path, tmp_path: Path):
    """With both weights doubled every loss doubles; without the class's the class branch does not learn."""
    losses = {}
    for name, weights in {"both": (1, 0.5), "doubled": (2, 1), "masks": (1, 0)}.items():
        done = run(TRAIN, dataset_dir=data, output_dir=tmp_path / name, mask_loss_weight=weights[0],
                   class_loss_weight=weights[1], precision="fp32", **{**SMALL, "max_epochs": "1"})
        assert done.code == 0, done
        losses[name] = float(rows(tmp_path / name / "losses.csv")[0]["loss"])
    assert losses["doubled"] == pytest.approx(2 * losses["both"], rel=1e-4)
    assert losses["both"] - losses["masks"] == pytest.approx(0.5 * np.log(4), abs=0.3), "four classes, none known yet"


@pytest.mark.parametrize("tta", ["false", "true"])
def test_both_tasks_are_scored(tta: str, run: Command, data: Path, multitask: Path, tmp_path: Path):
    done = run(EVALUATE, dataset_dir=data, run_dir=multitask, output_dir=tmp_path, tta=tta)
    assert done.code == 0, done
    cases = rows(tmp_path / "cases.csv")
    truth = {case["image"]: case["class"] for case in DataList(data).cases("test")}
    assert sorted(row["image"] for row in cases) == sorted(truth)
    summary = {row["score"]: row["value"] for row in rows(tmp_path / "summary.csv")}
    assert {"test_dice", "test_class_accuracy", "test_class_f1", "test_class_f1_viral_pneumonia"} <= set(summary)
    matrix = {(row["truth"], row["pred"]): int(row["count"]) for row in rows(tmp_path / "confusion.csv")
              if row["of"] == "images"}
    for id, name in enumerate(NAMES):
        assert sum(matrix[name, other] for other in NAMES) == sum(kind == id for kind in truth.values())
    right = sum(matrix[name, name] for name in NAMES)
    assert float(summary["test_class_accuracy"]) == pytest.approx(right / len(truth), abs=1e-5)
    assert (tmp_path / "confusion_test_images.png").exists() and (tmp_path / "confusion_test_pixels.png").exists()


def test_the_pictures_of_a_report_show_what_was_scored(
    run: Command, run_module: Command, data: Path, multitask: Path, tmp_path: Path
):
    folder = shutil.copytree(multitask, tmp_path / "run", symlinks=True)
    assert run(EVALUATE, dataset_dir=data, run_dir=folder).code == 0
    done = run_module("monai_seg", "report", str(folder))
    assert done.code == 0, done
    html = (folder / "report.html").read_text()
    assert html.count('<img class="layer errors"') > 0 and "do not show what was scored" not in done.stdout + html
    assert "Calibration of the class" in html and "By lesion size" in html


@pytest.mark.parametrize("fit", ["whole", "native"])
def test_inference_gives_masks_and_a_row_for_each_picture(
    fit: str, run: Command, multitask: Path, tmp_path: Path
):
    """Native pictures are larger than the window: its windows give one class."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name, size in {"a": (150, 140), "b": (64, 64), "c": (40, 200)}.items():
        grey = np.random.default_rng(0).integers(0, 256, size, dtype=np.uint8)
        Image.fromarray(grey).save(pictures / f"{name}.png")
    options = {"load_image": "%transforms/picture.json::load_image", "image_mode": "L", "fit": "native",
               "fit_image": "%transforms/picture.json::fit_image"} if fit == "native" else {}
    done = run(INFER, dataset_dir=pictures, run_dir=multitask, output_dir=tmp_path / "out", overlays="true", **options)
    assert done.code == 0, done
    table = rows(tmp_path / "out" / "classes.csv")
    assert [Path(row["file"]).name for row in table] == ["a.png", "b.png", "c.png"]
    for row in table:
        said = [float(row[column]) for column in COLUMNS]
        assert sum(said) == pytest.approx(1, abs=1e-4)
        assert row["prediction"] == NAMES[int(np.argmax(said))]
        with Image.open(row["file"]) as picture, Image.open(tmp_path / "out" / Path(row["file"]).name) as mask:
            assert mask.size == picture.size


def test_training_on_native_windows_is_validated_by_sliding_them(run: Command, data: Path, tmp_path: Path):
    done = run(TRAIN, dataset_dir=data, output_dir=tmp_path / "run", fit="native", **{**SMALL, "max_epochs": "1"})
    assert done.code == 0, done
    assert 0 <= float(rows(tmp_path / "run" / "metrics.csv")[0]["val_class_accuracy"]) <= 1


def test_a_table_that_stands_is_not_overwritten(run: Command, data: Path, multitask: Path, tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "classes.csv").write_text("mine")
    done = run(INFER, dataset_dir=data / "COVID" / "images", run_dir=multitask, output_dir=tmp_path / "out")
    assert "classes.csv: is there already; name another --output_dir" in done.error
    assert (tmp_path / "out" / "classes.csv").read_text() == "mine"


def test_a_case_without_class_and_a_network_without_branch_are_told(run: Command, data: Path, tmp_path: Path):
    done = run(TRAIN, dataset_dir=data, output_dir=tmp_path / "run", network_def="%bundles/networks/unet.json", **SMALL)
    assert "network_def: the network gives no class logits, the data have 4 classes of images; choose %" in done.error
    shutil.copytree(data, tmp_path / "data")
    path = tmp_path / "data" / "datalist.json"
    content = json.loads(path.read_text())
    del content["training"][0]["class"]
    path.write_text(json.dumps(content))
    done = run(TRAIN, dataset_dir=tmp_path / "data", output_dir=tmp_path / "run", **SMALL)
    assert "has no class in" in done.error
    assert not (tmp_path / "run").exists()
