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
ILL = ["COVID", "Lung_Opacity", "Viral Pneumonia"]  # have a mask where `partly_empty` is the data set
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
    run: Command, run_module: Command, partly_empty: Path, gated: Path, tmp_path: Path
):
    """That is nothing, as no picture passes the gate; without it, much would be drawn."""
    folder = with_gate(gated, tmp_path / "run", 0.999)
    assert run(EVALUATE, dataset_dir=partly_empty, run_dir=folder).code == 0
    assert {row["pred_area_px"] for row in rows(folder / "cases.csv")} == {"0"}
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


@pytest.fixture(scope="module")
def partly_empty(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data set with black masks for the images of one class; to be read only."""
    folder = shutil.copytree(data, tmp_path_factory.mktemp("partly_empty") / "data")
    for split in ("training", "validation", "test"):
        for case in DataList(folder).cases(split):
            if case["class"] == NAMES.index("Normal"):
                with Image.open(case["label"]) as mask:
                    Image.new(mask.mode, mask.size).save(case["label"])
    return folder


@pytest.fixture(scope="module")
def gated(run: Command, partly_empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose class gate was searched; to be read only."""
    folder = tmp_path_factory.mktemp("gated") / "run"
    done = run(TRAIN, dataset_dir=partly_empty, output_dir=folder, gate_classes=str(ILL), **SMALL)
    assert done.code == 0 and "class_gate" in done.stdout, done
    return folder


def with_gate(run_dir: Path, folder: Path, class_gate: float) -> Path:
    """A copy of a run that found another gate, and draws otherwise whatever it can."""
    copy = shutil.copytree(run_dir, folder, symlinks=True)
    point = json.loads((copy / "operating_point.json").read_text())
    point.update(class_gate=class_gate, decide_threshold=0.0, min_area_share=0.0, threshold=0.05)
    (copy / "operating_point.json").write_text(json.dumps(point))
    return copy


def of_ill(table: list[dict[str, str]], columns: str) -> dict[str, float]:
    """The probability of the classes that have a lesion by the name of the picture."""
    suffixes = [column.removeprefix("probability_") for column, name in zip(COLUMNS, NAMES, strict=True) if name in ILL]
    return {Path(row.get("image") or row["file"]).name: sum(float(row[f"{columns}_{each}"]) for each in suffixes)
            for row in table}


def between(values: list[float]) -> float:
    """The middle of the widest gap between them, so that some are clearly below and some above."""
    values = sorted(values)
    place = int(np.argmax(np.diff(values)))
    assert values[place + 1] - values[place] > 1e-4
    return (values[place] + values[place + 1]) / 2


def test_the_gate_is_searched_together_with_the_thresholds(gated: Path, multitask: Path):
    point = json.loads((gated / "operating_point.json").read_text())
    tried = point["searched"]["class_gate"]
    assert point["class_gate"] in tried and tried[0] == 0 and 1 < len(tried) <= 11 and point["split"] == "validation"
    table = rows(gated / "operating_point.csv")
    assert {float(row["class_gate"]) for row in table} == set(tried)
    assert max(float(row["dice"]) for row in table) == pytest.approx(point["score"], abs=1e-5)
    open_score = max(float(row["dice"]) for row in table if float(row["class_gate"]) == 0)
    assert point["score"] > open_score + 1e-6 or point["class_gate"] == 0
    without = json.loads((multitask / "operating_point.json").read_text())
    assert without["class_gate"] == 0 and without["searched"]["class_gate"] == [0]


def test_test_data_take_no_part_in_the_search(run: Command, partly_empty: Path, gated: Path, tmp_path: Path):
    """With other pixels, masks and classes in the test split, the same gate and thresholds are found."""
    folder = shutil.copytree(partly_empty, tmp_path / "data")
    for case in DataList(folder).cases("test"):
        for key in ("image", "label"):
            with Image.open(case[key]) as picture:
                turned = picture.point(lambda value: 255 - value)
            turned.save(case[key])
    content = json.loads((folder / "datalist.json").read_text())
    for case in content["test"]:
        case["class"] = (case["class"] + 1) % len(NAMES)
    (folder / "datalist.json").write_text(json.dumps(content))
    done = run(TRAIN, dataset_dir=folder, output_dir=tmp_path / "run", gate_classes=str(ILL), **SMALL)
    assert done.code == 0, done
    for name in ("operating_point.json", "operating_point.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (gated / name).read_bytes()


@pytest.mark.parametrize("averaged", [False, True])
def test_evaluation_scores_the_masks_that_pass_the_gate(
    averaged: bool, run: Command, partly_empty: Path, gated: Path, multitask: Path, tmp_path: Path
):
    options = {"tta": "true", "ensemble": f"['{multitask}']"} if averaged else {}
    tables = {}
    for name in ("open", "shut"):
        gate = 0.0 if name == "open" else between(list(of_ill(tables["open"], "class_prob").values()))
        copy = with_gate(gated, tmp_path / name, gate)
        done = run(EVALUATE, dataset_dir=partly_empty, run_dir=copy, **options)
        assert done.code == 0, done
        tables[name] = rows(copy / "cases.csv")
    said = of_ill(tables["open"], "class_prob")
    for before, after in zip(tables["open"], tables["shut"], strict=True):
        passes = said[Path(before["image"]).name] >= gate
        assert after["pred_area_px"] == (before["pred_area_px"] if passes else "0")
        assert int(before["pred_area_px"]) > 0, "or nothing could be gated"


@pytest.mark.parametrize("fit", ["whole", "native"])
def test_inference_leaves_masks_empty_that_do_not_pass_the_gate(fit: str, run: Command, gated: Path, tmp_path: Path):
    """Native pictures are larger than the window: the mean of its windows decides."""
    (tmp_path / "pictures").mkdir()
    for number, size in enumerate([(150, 140), (64, 64), (40, 200), (90, 90)]):
        grey = np.random.default_rng(number).integers(0, 60 * (number + 1), size, dtype=np.uint8)
        Image.fromarray(grey).save(tmp_path / "pictures" / f"{number}.png")
    options = {"load_image": "%transforms/picture.json::load_image", "image_mode": "L", "fit": "native",
               "fit_image": "%transforms/picture.json::fit_image"} if fit == "native" else {}
    gate, said, masks = 0.0, {}, {}
    for name in ("open", "shut"):
        gate = between(list(said.values())) if said else 0.0
        done = run(INFER, dataset_dir=tmp_path / "pictures", run_dir=with_gate(gated, tmp_path / f"run_{name}", gate),
                   output_dir=tmp_path / name, **options)
        assert done.code == 0, done
        said = of_ill(rows(tmp_path / name / "classes.csv"), "probability")
        masks[name] = {path.name: np.array(Image.open(path)) for path in (tmp_path / name).glob("*.png")}
    assert len(masks["shut"]) == 4
    for picture, mask in masks["open"].items():
        assert mask.any()
        assert np.array_equal(masks["shut"][picture], mask if said[picture] >= gate else np.zeros_like(mask))


def test_what_cannot_gate_is_told_before_anything_is_written(run: Command, data: Path, tmp_path: Path):
    for options, told in (
        ({"gate_classes": "['Covid']"}, "gate_classes: 'Covid' is none of image_classes; give a list of some of"),
        ({"class_gate": "0.3"}, "class_gate: is 0.3, but no gate_classes are given; name the classes"),
    ):
        done = run(TRAIN, dataset_dir=data, output_dir=tmp_path / "run", **options, **SMALL)
        assert told in done.error
    assert not (tmp_path / "run").exists()


def test_masks_drawn_window_by_window_are_refused(run_module: Command, gated: Path, data: Path, tmp_path: Path):
    done = run_module(
        "monai.bundle", "run", "inference", "--config_file",
        f"['bundles/{INFER}.json','bundles/engines/large_pictures.json']", "--run_dir", str(gated),
        "--dataset_dir", str(data / "COVID" / "images"), "--output_dir", str(tmp_path / "out"))
    assert "inferer: DrawnWindows gives masks alone, and this config gives classes of images, too; leave" in done.error
    assert not list(tmp_path.rglob("*.png"))
