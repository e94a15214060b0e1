"""Classifiers through the commands of a user: fine-tuned, frozen, and CLIP without training."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from commands import Command, Outcome, snapshot
from tiny_backbones import write_backbone, write_clip

from monai_seg.data import DataList

TRAIN, EVALUATE, INFER = (f"covid_radiography/{name}_classifier" for name in ("train", "evaluate", "inference"))
NAMES = ["COVID", "Lung_Opacity", "Normal", "Viral Pneumonia"]
COLUMNS = ["covid", "lung_opacity", "normal", "viral_pneumonia"]
QUICK = {"image_size": "[32,32]", "max_epochs": "2", "num_workers": "0", "batch_size": "4", "learning_rate": "0.01"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A twin small in cases and pixels; to be read only."""
    from monai_seg.prepare import prepare_covid_radiography
    from monai_seg.sample import make_twin

    folder = tmp_path_factory.mktemp("data")
    make_twin("covid_radiography", folder, cases=40, seed=0, size=64)
    prepare_covid_radiography(folder)
    return folder


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_backbone("vit", tmp_path_factory.mktemp("backbone") / "vit")


@pytest.fixture(scope="module")
def fine_tuned(run: Command, data: Path, backbone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two epochs; to be read only."""
    folder = tmp_path_factory.mktemp("fine_tuned") / "run"
    done = run(TRAIN, dataset_dir=data, output_dir=folder, backbone=backbone, **QUICK)
    assert done.code == 0, done
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def weights(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path / "model.pt", weights_only=True)["model"]


def untrained(backbone: Path) -> dict[str, torch.Tensor]:
    from monai_seg.networks import HubClassifier

    return HubClassifier(backbone, len(NAMES)).state_dict()


def moved(run_dir: Path, backbone: Path) -> set[str]:
    """Names of the weights of the backbone that the run has changed."""
    before = untrained(backbone)
    after = weights(run_dir)
    assert before.keys() == after.keys()
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_a_run_leaves_scores_speed_and_the_backbone_s_description(fine_tuned: Path, backbone: Path):
    epochs = rows(fine_tuned / "metrics.csv")
    assert [row["epoch"] for row in epochs] == ["1", "2"]
    for name in ("val_f1", "val_accuracy", "val_precision", "val_recall", "val_loss", "images_per_second"):
        assert all(float(row[name]) >= 0 for row in epochs)
    assert list((fine_tuned / "tensorboard").iterdir())
    kept = {path.name: path.read_bytes() for path in (fine_tuned / "backbone").iterdir()}
    assert kept == {name: (backbone / name).read_bytes() for name in ("config.json", "preprocessor_config.json")}
    assert any("embeddings" in name for name in moved(fine_tuned, backbone))  # to its first layer


def check_reports(done: Outcome, folder: Path, data: Path, split: str) -> None:
    """Check each report against cases.csv and the list."""
    assert done.code == 0, done
    expected = {case["image"]: NAMES[case["class"]] for case in DataList(data).cases(split)}
    cases = rows(folder / "cases.csv")
    assert {row["image"]: row["class"] for row in cases} == expected
    for row in cases:
        probabilities = [float(row[f"probability_{name}"]) for name in COLUMNS]
        assert sum(probabilities) == pytest.approx(1, abs=1e-5)
        assert row["prediction"] == NAMES[probabilities.index(max(probabilities))]
    summary = {row["score"]: row["value"] for row in rows(folder / "summary.csv")}
    right = sum(row["prediction"] == row["class"] for row in cases)
    assert float(summary[f"{split}_accuracy"]) == pytest.approx(right / len(cases), abs=1e-6)
    for score in ("f1", "precision", "recall", "accuracy"):
        assert {f"{split}_{score}", *(f"{split}_{score}_{name}" for name in COLUMNS)} <= summary.keys()
    for row in rows(folder / "confusion.csv"):
        pair = (row["truth"], row["prediction"])
        assert int(row["count"]) == sum((case["class"], case["prediction"]) == pair for case in cases)
    assert (folder / f"confusion_{split}.png").stat().st_size > 0
    assert {row["class"] for row in rows(folder / "classification_report.csv")} >= {*NAMES, "macro avg"}


def test_evaluation_needs_neither_hub_nor_backbone(run: Command, data: Path, fine_tuned: Path, tmp_path: Path):
    """The run's config names a backbone that cannot be had any more."""
    moved_run = shutil.copytree(fine_tuned, tmp_path / "run", symlinks=True)
    config = json.loads((moved_run / "config.json").read_text())
    (moved_run / "config.json").write_text(json.dumps({**config, "backbone": "nobody/nothing"}))
    done = run(EVALUATE, dataset_dir=data, run_dir=moved_run, output_dir=tmp_path / "out")
    check_reports(done, tmp_path / "out", data, "test")


def test_inference_writes_a_row_for_each_picture(run: Command, data: Path, fine_tuned: Path, tmp_path: Path):
    pictures = sorted((data / "COVID" / "images").glob("*.png"))
    options: dict[str, Any] = {"dataset_dir": data / "COVID" / "images", "run_dir": fine_tuned, "output_dir": tmp_path}
    done = run(INFER, **options)
    assert done.code == 0, done
    table = rows(tmp_path / "classes.csv")
    assert [row["file"] for row in table] == [str(path) for path in pictures]
    for row in table:
        probabilities = [float(row[f"probability_{name}"]) for name in COLUMNS]
        assert row["prediction"] == NAMES[probabilities.index(max(probabilities))]
    assert f"{len(pictures)} rows written" in done.stdout
    standing = snapshot(tmp_path)
    assert "classes.csv: is there already" in run(INFER, **options).error
    assert snapshot(tmp_path) == standing


def test_a_frozen_backbone_stays_bit_for_bit_and_a_share_of_the_cases_trains_its_head(
    run: Command, data: Path, backbone: Path, tmp_path: Path
):
    done = run(TRAIN, dataset_dir=data, output_dir=tmp_path / "run", backbone=backbone, freeze="true",
               train_fraction="0.5", **QUICK)
    assert done.code == 0, done
    assert moved(tmp_path / "run", backbone) == {"model.classifier.weight", "model.classifier.bias"}
    total = sum(value.numel() for name, value in untrained(backbone).items() if name.startswith("model."))
    assert f"ViTForImageClassification: 68 of {total:,} parameters are trained" in done.stdout  # 16 * 4 + 4
    assert "training on " in done.stdout


@pytest.mark.slow
def test_the_last_block_is_trained_with_the_head(run: Command, data: Path, backbone: Path, tmp_path: Path):
    done = run(TRAIN, dataset_dir=data, output_dir=tmp_path / "run", backbone=backbone, freeze="true", train_last="1",
               **QUICK)
    assert done.code == 0, done
    changed = moved(tmp_path / "run", backbone)
    assert {name.split(".")[2] for name in changed if ".vit." in name} == {"layers", "layernorm"}
    assert {name.split(".")[3] for name in changed if ".vit.layers." in name} == {"2"}  # of the blocks 0, 1, 2
    assert "model.classifier.weight" in changed


def test_two_halves_give_the_weights_of_the_whole(
    run: Command, data: Path, backbone: Path, fine_tuned: Path, tmp_path: Path
):
    options = {**QUICK, "dataset_dir": data, "backbone": backbone, "output_dir": tmp_path / "halves"}
    assert run(TRAIN, **{**options, "max_epochs": "1"}).code == 0
    done = run(TRAIN, resume="true", **options)
    assert done.code == 0, done
    whole, halves = (torch.load(path / "checkpoints" / "last.pt", weights_only=True)["network"]
                     for path in (fine_tuned, tmp_path / "halves"))
    assert all(torch.equal(whole[key], halves[key]) for key in whole)


def test_clip_classifies_without_training(run: Command, data: Path, tmp_path: Path):
    clip = write_clip(tmp_path / "clip")
    prompts = {name: [f"film {number}", f"class {number}"] for number, name in enumerate(NAMES)}
    done = run("covid_radiography/zero_shot", dataset_dir=data, backbone=clip, image_size="[32,32]", prompts=prompts,
               output_dir=tmp_path / "out")
    check_reports(done, tmp_path / "out", data, "test")


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no such folder": ({"backbone": "/nowhere"}, "/nowhere: no folder of a backbone, and no id of the hub"),
    "no such id": ({"backbone": "nobody/nothing"}, "backbone nobody/nothing: is no folder here .*, not in the cache "),
    "fraction": ({"train_fraction": "1.5"}, "train_fraction: must be a number above 0, up to 1, got 1.5"),
    "train_last": ({"train_last": "2"}, "train_last: is 2, but nothing is frozen; give --freeze true as well"),
    "freeze": ({"freeze": "yes"}, "freeze: must be true or false, got 'yes'"),
    "misspelt id": ({"freez": "true"}, "freez: no such setting in this config; give --freeze"),
    "class_names": ({"class_names": "['a','b']"}, "class_names: are a, b, .* says COVID, Lung_Opacity, "),
}


@pytest.mark.parametrize("setting", WRONG)
def test_what_is_wrong_is_told_before_anything_is_written(
    setting: str, run: Command, data: Path, backbone: Path, tmp_path: Path
):
    wrong, line = WRONG[setting]
    done = run(TRAIN, **{"dataset_dir": data, "output_dir": tmp_path / "run", "backbone": backbone, **QUICK, **wrong})
    assert re.search(line, done.error), done.error
    assert not (tmp_path / "run").exists()


def test_a_list_without_classes_is_refused(run: Command, backbone: Path, tmp_path: Path):
    from monai_seg.sample import make_twin

    make_twin("siim", tmp_path / "data", cases=10, seed=0, size=64)
    done = run(TRAIN, dataset_dir=tmp_path / "data", output_dir=tmp_path / "run", backbone=backbone, **QUICK)
    assert "has no class in " in done.error
