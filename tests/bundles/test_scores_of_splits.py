"""What an evaluation says of splits of every kind: with all scores, without a lesion, of one image, without labels."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commands import BUNDLES, Command, Outcome

from monai_seg.data import DataList
from monai_seg.metrics.lesion_size import NAMES as SIZES
from monai_seg.metrics.size_scores import SIZE_SCORES
from monai_seg.metrics.surface import SURFACE_SCORES

NOISE = ("Warning", "warn", "invalid value", "divide by zero", "nan ")


def summary(folder: Path) -> dict[str, dict[str, str]]:
    with open(folder / "summary.csv", newline="") as file:
        return {row["score"]: row for row in csv.DictReader(file)}


def lines(done: Outcome) -> list[str]:
    """What was printed, but for MONAI's warning that a config is a program, and the line of code under it."""
    text = (done.stdout + done.stderr).splitlines()
    return [line for line in text if "parsing config_file" not in line and "create_workflow(" not in line]


def evaluated(run: Command, twin: Path, run_dir: Path, test: list[dict], out: Path) -> dict[str, dict[str, str]]:
    """The summary of the cases ``test``; fails where anything was printed that worries a reader."""
    listed = DataList(twin)
    others = [case for case in listed.training if case["image"] not in {one["image"] for one in test}]
    (twin / "datalist.json").write_text(json.dumps({
        "training": [relative(case, twin) for case in others], "test": [relative(case, twin) for case in test]}))
    done = run("siim/evaluate", dataset_dir=twin, run_dir=run_dir, output_dir=out)
    assert done.code == 0, done
    assert [line for line in lines(done) if any(word in line for word in NOISE)] == []
    return summary(out)


def relative(case: dict, twin: Path) -> dict:
    return {key: str(Path(case[key]).relative_to(twin)) for key in ("image", "label") if key in case}


def split_by_lesion(twin: Path) -> tuple[list[dict], list[dict]]:
    """Cases without and with a lesion."""
    from PIL import Image

    listed = DataList(twin)
    cases = [*listed.training, *listed.validation, *listed.test]
    has = [Image.open(case["label"]).getextrema()[1] > 0 for case in cases]
    return ([case for case, lesion in zip(cases, has, strict=True) if not lesion],
            [case for case, lesion in zip(cases, has, strict=True) if lesion])


@pytest.mark.parametrize("bundle", BUNDLES)
def test_every_score_comes_out_of_every_bundle_with_its_interval(
    bundle: str, run: Command, twins: dict[str, Path], runs: dict[str, Path], tmp_path: Path
):
    done = run(f"{bundle}/evaluate", dataset_dir=twins[bundle], run_dir=runs[bundle], output_dir=tmp_path,
               split="training")
    assert done.code == 0, done
    found = {name.removeprefix("training_"): row for name, row in summary(tmp_path).items()}
    wanted = {"dice", "dice_positive", "iou", "precision", "recall", "specificity", "false_alarm_rate", "miss_rate",
              "area_error", "area_error_px", "ece", "image_auc", *SURFACE_SCORES,
              *(f"{name}_{size}" for name in (*SIZE_SCORES, "miss_rate") for size in SIZES)}
    assert wanted <= found.keys()
    for name in wanted:
        row = found[name]
        assert row["count"] and row["undefined"], name
        if row["value"]:
            assert float(row["low"]) <= float(row["value"]) <= float(row["high"]), name
    written = json.loads((tmp_path / "summary.json").read_text())["training"]
    assert [name.removeprefix("training_") for name in written["scores"]] == list(found)
    assert len(written["calibration"]) == 15
    class_names = json.loads((runs[bundle] / "config.json").read_text())["class_names"]
    if len(class_names) > 2:
        of_classes = [name for name in found if name.startswith("surface_dice_")
                      and name.split("_")[2] not in ("positive", *SIZES)]
        assert len(of_classes) == len(class_names) - 1


def test_a_split_without_any_lesion(run: Command, twin: Path, trained: Path, tmp_path: Path):
    healthy, _ = split_by_lesion(twin)
    found = evaluated(run, twin, trained, healthy[:3], tmp_path / "out")
    assert found["test_images"]["value"] == "3" and found["test_images_positive"]["value"] == "0"
    for name in ("dice", "iou", "specificity", "false_alarm_rate", "ece"):
        assert 0 <= float(found[f"test_{name}"]["value"]) <= 1
    assert float(found["test_dice"]["value"]) == pytest.approx(1 - float(found["test_false_alarm_rate"]["value"]))
    for name in ("dice_positive", "miss_rate", "recall", "image_auc", "dice_small"):
        assert found[f"test_{name}"]["value"] == "", f"{name} is not defined"
    assert found["test_recall"]["undefined"] == "3"


@pytest.mark.parametrize("with_lesion", [False, True])
def test_a_split_of_one_image(with_lesion: bool, run: Command, twin: Path, trained: Path, tmp_path: Path):
    found = evaluated(run, twin, trained, split_by_lesion(twin)[with_lesion][:1], tmp_path / "out")
    assert found["test_images"]["value"] == "1"
    dice = found["test_dice"]
    assert dice["value"] and dice["low"] == dice["value"] == dice["high"], "one group can be drawn in one way"
    assert bool(found["test_dice_positive"]["value"]) == with_lesion
    assert found["test_image_auc"]["value"] == ""


def test_a_split_without_labels_is_refused_in_one_line(run: Command, twin: Path, trained: Path, tmp_path: Path):
    listed = DataList(twin)
    (twin / "datalist.json").write_text(json.dumps({
        "training": [relative(case, twin) for case in listed.training],
        "test": [{"image": relative(case, twin)["image"]} for case in listed.test]}))
    done = run("siim/evaluate", dataset_dir=twin, run_dir=trained, output_dir=tmp_path / "out")
    assert "of the test split have no label; evaluate a split with labels, or run inference" in done.error
    assert not (tmp_path / "out" / "summary.csv").exists()
