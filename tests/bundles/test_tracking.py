"""MONAI's own ``--tracking mlflow`` on every config."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import ALL_CONFIGS, RUN_IDS, SMALL, Command, Outcome, bundle_command, quick_with
from mlflow import MlflowClient
from mlflow.entities import Run
from tiny_backbones import write_backbone, write_clip

# MLflow's own tables, read by SQLAlchemy 2.1
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

PLAIN = [config for config in ALL_CONFIGS if "_" not in Path(config).stem]
ONE_EPOCH = {**SMALL, "max_epochs": "1"}
Tracked = Callable[..., tuple[Outcome, Run]]


def all_runs(uri: str, experiment: str) -> list[Run]:
    """Newest first."""
    client = MlflowClient(tracking_uri=uri)
    return list(client.search_runs([client.get_experiment_by_name(experiment).experiment_id]))


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of one database for most of the tests: making one takes seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlruns.db"


@pytest.fixture
def tracked(run: Command, uri: str, request: pytest.FixtureRequest) -> Tracked:
    """Runs a command with ``--tracking mlflow`` that must succeed; gives its outcome and the one run it left."""

    def tracked_run(config: str, **options: object) -> tuple[Outcome, Run]:
        name = f"{request.node.name} {config}"
        done = run(config, tracking="mlflow", tracking_uri=uri, experiment_name=name, **options)
        assert done.code == 0, done
        [found] = all_runs(uri, name)
        assert found.info.status == "FINISHED"
        return done, found

    return tracked_run


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def check_training(folder: Path, found: Run, uri: str) -> None:
    epochs = rows(folder / "metrics.csv")
    for score in [name for name in epochs[0] if name.startswith("val_") or name == "train_loss"]:
        points = MlflowClient(tracking_uri=uri).get_metric_history(found.info.run_id, score)
        assert [(point.step, point.value) for point in points] == [
            (int(row["epoch"]), pytest.approx(float(row[score]))) for row in epochs]
    card = json.loads((folder / "run_card.json").read_text())
    assert found.data.metrics["best_score"] == pytest.approx(card["best_score"])
    assert found.data.params["network_def"] and found.data.params["learning_rate"]
    if (folder / "operating_point.json").exists():
        point = json.loads((folder / "operating_point.json").read_text())
        for name in ("decide_threshold", "min_area_share", "threshold"):
            assert found.data.metrics.get(f"operating_point_{name}") == point.get(name)
        assert found.data.metrics["final_val_dice"] == pytest.approx(point["score"])
        assert point["score"] >= card["best_score"] - 1e-5, "the values before are among those that are tried"
        files = MlflowClient(tracking_uri=uri).list_artifacts(found.info.run_id)
        assert {"operating_point.json", "run_card.json", "metrics.csv"} <= {file.path for file in files}
    assert not any(id in json.loads((folder / "config.json").read_text()) for id in ("tracking_uri", "run_name"))


def check_scores(folder: Path, found: Run) -> None:
    scores = {row["score"]: float(row["value"]) for row in rows(folder / "summary.csv")
              if row["value"] and row["split"] == "test"}
    assert {name: value for name, value in found.data.metrics.items() if name.startswith("test_")} == scores
    assert found.data.params["split"] == "test"


def test_the_command_as_it_stands_leaves_a_store_in_the_run_folder(
    run: Command, twins: dict[str, Path], tmp_path: Path
):
    folder = tmp_path / "run"
    for config, options in (("siim/train", {**SMALL, "output_dir": folder}), ("siim/evaluate", {"run_dir": folder})):
        done = run(config, tracking="mlflow", dataset_dir=twins["siim"], **options)
        assert done.code == 0, done
    store = f"sqlite:///{folder}/mlruns.db"
    scored, trained = all_runs(store, "monai_experiment")
    assert [(found.info.run_name, found.info.status) for found in (scored, trained)] == [
        ("run evaluation", "FINISHED"), ("run training", "FINISHED")]
    check_training(folder, trained, store)
    check_scores(folder, scored)
    [kept] = (folder / "mlruns").rglob("run_card.json")
    assert json.loads(kept.read_text())["status"] == "completed"


@pytest.mark.parametrize("bundle", quick_with("siim"))
def test_every_bundle_s_train_evaluate_and_inference(
    bundle: str, tracked: Tracked, uri: str, twins: dict[str, Path], runs: dict[str, Path], tmp_path: Path
):
    from monai_seg.data import DataList

    _, found = tracked(f"{bundle}/train", dataset_dir=twins[bundle], output_dir=tmp_path / "run", **ONE_EPOCH)
    check_training(tmp_path / "run", found, uri)
    options = {"run_dir": runs[bundle], "output_dir": tmp_path}
    _, found = tracked(f"{bundle}/evaluate", dataset_dir=twins[bundle], **options)
    check_scores(tmp_path, found)
    picture = DataList(twins[bundle]).test[0]["image"]
    _, found = tracked(f"{bundle}/inference", dataset_dir=picture, **options)
    assert found.data.metrics["images_of_process"] == 1


@pytest.mark.slow
def test_masks_and_classes(tracked: Tracked, uri: str, twins: dict[str, Path], tmp_path: Path):
    from monai_seg.data import DataList

    data, folder = twins["covid_radiography"], tmp_path / "run"
    _, found = tracked("covid_radiography/train_multitask", dataset_dir=data, output_dir=folder, **ONE_EPOCH)
    check_training(folder, found, uri)
    _, found = tracked("covid_radiography/evaluate_multitask", dataset_dir=data, run_dir=folder)
    check_scores(folder, found)
    assert "test_class_auc" in found.data.metrics
    tracked("covid_radiography/inference_multitask", dataset_dir=DataList(data).test[0]["image"], run_dir=folder)


@pytest.mark.slow
def test_classifiers(tracked: Tracked, uri: str, twins: dict[str, Path], tmp_path: Path):
    from monai_seg.data import DataList

    data, folder = twins["covid_radiography"], tmp_path / "run"
    options = {**ONE_EPOCH, "image_size": "[32,32]", "backbone": write_backbone("vit", tmp_path / "vit")}
    _, found = tracked("covid_radiography/train_classifier", dataset_dir=data, output_dir=folder, **options)
    check_training(folder, found, uri)
    _, found = tracked("covid_radiography/evaluate_classifier", dataset_dir=data, run_dir=folder)
    check_scores(folder, found)
    tracked("covid_radiography/inference_classifier", dataset_dir=DataList(data).test[0]["image"], run_dir=folder)
    class_names = json.loads((folder / "config.json").read_text())["class_names"]
    prompts = {name: [f"film {number}"] for number, name in enumerate(class_names)}
    _, found = tracked("covid_radiography/zero_shot", dataset_dir=data, output_dir=tmp_path / "zero",
                       backbone=write_clip(tmp_path / "clip"), image_size="[32,32]", prompts=prompts)
    check_scores(tmp_path / "zero", found)


def test_these_are_all_configs():
    assert len(ALL_CONFIGS) == len(PLAIN) + 7 and {Path(config).stem for config in ALL_CONFIGS} <= RUN_IDS.keys()


@pytest.mark.slow
def test_the_config_of_a_run_is_tracked_like_the_bundle_s(
    run_module: Command, uri: str, twins: dict[str, Path], trained: Path, tmp_path: Path
):
    """It is flat, so that MONAI adds handlers of its own, which would not understand the trainer."""
    argv = bundle_command("siim/train", dataset_dir=twins["siim"], output_dir=tmp_path / "again", max_epochs=1,
                          tracking="mlflow", tracking_uri=uri, experiment_name="flat")
    done = run_module(*[str(trained / "config.json") if part == "bundles/siim/train.json" else part for part in argv])
    assert done.code == 0, done
    [found] = all_runs(uri, "flat")
    check_training(tmp_path / "again", found, uri)


@pytest.mark.slow
def test_a_run_goes_on_with_tracking_or_without(
    run: Command, uri: str, twins: dict[str, Path], trained: Path, tmp_path: Path
):
    options = {**SMALL, "dataset_dir": twins["siim"], "output_dir": trained, "resume": "true"}
    done = run("siim/train", tracking="mlflow", tracking_uri=uri, experiment_name="go on", run_name="mine",
               **{**options, "max_epochs": 3})
    assert done.code == 0, done
    [found] = all_runs(uri, "go on")
    assert found.info.run_name == "mine"
    check_training(trained, found, uri)
    done = run("siim/train", **{**options, "max_epochs": 4})
    assert done.code == 0, done
    assert len(all_runs(uri, "go on")) == 1


def test_without_tracking_there_is_no_store(runs: dict[str, Path]):
    assert not [path for folder in runs.values() for path in folder.rglob("mlruns*")]


def test_a_config_that_records_nothing_is_refused(
    run_module: Command, twins: dict[str, Path], trained: Path, tmp_path: Path
):
    config = json.loads((trained / "config.json").read_text())
    for part in ("train", "search"):
        config[part]["handlers"] = [each for each in config[part]["handlers"] if "Mlflow" not in each["_target_"]]
    shutil.copytree(Path("bundles/siim"), tmp_path / "mine")
    (tmp_path / "mine" / "train.json").write_text(json.dumps(config))
    done = run_module("monai.bundle", "run", "training", "--config_file", str(tmp_path / "mine" / "train.json"),
                      "--dataset_dir", str(twins["siim"]), "--output_dir", str(tmp_path / "r"), "--tracking", "mlflow")
    assert "tracking: no handler of this config records anything; take a config of this version" in done.error
